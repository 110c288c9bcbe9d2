import { Pool, type buildConnector } from 'undici';
import { retryAfter } from '../../protocol/retryAfter.js';
import type { Spool, SpooledBatch } from './spool.js';

export interface DeliveryOptions {
  readonly spool: Pick<Spool, 'first' | 'read' | 'remove' | 'refuse'>;
  readonly url: string;
  /** Asked for each batch: credentials may be renewed. Names in lower case. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly contentType: string;
  /** What is sent of lines. */
  readonly encode: (lines: string) => string;
  readonly timeoutMs: number;
  readonly connect: buildConnector.connector;
  /** Told what became of each attempt, and why where it failed: a status, or the code of an error. */
  readonly onResult: (result: 'sent' | 'retried' | 'refused', why?: string) => void;
}

/** Waits after failures, in milliseconds: doubled from the first to the last, each shortened at random by up to a half. */
const firstWaitMs = 500;
const maxWaitMs = 60_000;
/** A receiver that says `Retry-After` is left alone for as long as it says, and no longer than this. */
const maxAskedMs = 10 * 60_000;
/** How long a gateway that ends goes on delivering, in milliseconds; what is left waits for its next start. */
const endingMs = 2000;

/** Statuses that say that this batch will never be taken, whatever becomes of the receiver or its configuration. */
const never: ReadonlySet<number> = new Set([400, 413, 422]);

/**
 * Brings what waits in a spool to its receiver, batch after batch in their order, each until it is taken: at least once, under an id that
 * stays the same (`Idempotency-Key`), so that a receiver can leave out what it has.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #pool: Pool;
  readonly #path: string;
  #waits = 0;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #closing = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    const { url, timeoutMs, connect } = options;
    const { origin, pathname, search } = new URL(url);
    this.#path = `${pathname}${search}`;
    this.#pool = new Pool(origin, {
      connections: 1,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      connect,
    });
    this.wake();
  }

  /** There may be something to deliver. */
  wake(): void {
    if (this.#sending !== undefined || this.#timer !== undefined || this.#closing) return;
    this.#sending = this.#run().finally(() => {
      this.#sending = undefined;
      // What has come while the last answer was read.
      if (this.#options.spool.first !== undefined) this.wake();
    });
  }

  /** Delivers what can be delivered at once. */
  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const hurry = setTimeout(() => void this.#pool.destroy(), endingMs);
    await this.#sending;
    // A receiver that is away would take all the time there is.
    if (this.#waits === 0) await this.#run();
    clearTimeout(hurry);
    if (!this.#pool.destroyed) await this.#pool.destroy();
  }

  async #run(): Promise<void> {
    const { spool } = this.#options;
    for (let batch = spool.first; batch !== undefined; batch = spool.first) {
      const waitMs = await this.#deliver(batch);
      if (waitMs === undefined) continue;
      if (!this.#closing)
        this.#timer = setTimeout(() => {
          this.#timer = undefined;
          this.wake();
        }, waitMs);
      return;
    }
  }

  /** @returns how long to wait before it is tried again, in milliseconds; undefined when it is done with */
  async #deliver(batch: SpooledBatch): Promise<number | undefined> {
    const { spool, onResult } = this.#options;
    const body = await this.#bodyOf(batch);
    if (body === undefined) return undefined;
    let answer: { readonly status: number; readonly retryMs: number | undefined };
    try {
      answer = await this.#send(batch.id, body);
    } catch (error) {
      const { code, name } = error as NodeJS.ErrnoException;
      onResult('retried', code ?? name);
      return this.#backoff();
    }
    const { status, retryMs } = answer;
    if (status >= 200 && status < 300) {
      this.#waits = 0;
      onResult('sent');
      await spool.remove(batch);
      return undefined;
    }
    if (never.has(status)) {
      onResult('refused', String(status));
      await spool.refuse(batch);
      return undefined;
    }
    onResult('retried', String(status));
    const waitMs = this.#backoff();
    return retryMs === undefined ? waitMs : Math.min(Math.max(retryMs, firstWaitMs), maxAskedMs);
  }

  /** Undefined for a batch that is not what was written, or not there any more: it must not keep the others waiting for ever. */
  async #bodyOf(batch: SpooledBatch): Promise<string | undefined> {
    const { spool, encode, onResult } = this.#options;
    try {
      return encode(await spool.read(batch));
    } catch (error) {
      onResult('refused', (error as NodeJS.ErrnoException).code ?? 'unreadable');
      await spool.refuse(batch);
      return undefined;
    }
  }

  async #send(id: string, body: string) {
    const { headers, contentType, timeoutMs } = this.#options;
    const response = await this.#pool.request({
      path: this.#path,
      method: 'POST',
      headers: { ...headers(), 'content-type': contentType, 'idempotency-key': id },
      body,
      headersTimeout: timeoutMs,
    });
    // Its words are of no use here, and its connection is.
    await response.body.dump();
    return {
      status: response.statusCode,
      retryMs: retryAfter(response.headers['retry-after'], Date.now()),
    };
  }

  #backoff(): number {
    const whole = Math.min(firstWaitMs * 2 ** this.#waits++, maxWaitMs);
    return whole * (0.5 + Math.random() / 2);
  }
}
