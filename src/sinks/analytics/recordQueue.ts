import { limits } from '../../config/limits.js';
import type { CallRecord } from '../../protocol/audit/callRecord.js';
import { recordsText } from './recordsText.js';

/** A batch of records on its way. */
export interface Batch {
  readonly text: string;
  readonly firstId: string;
  readonly size: number;
}

/**
 * Records that wait to be stored, at most so many: beyond that they are dropped and counted. One batch is on its way at a time; until it is
 * known to be on disk it is kept, for a process that ends before.
 */
export class RecordQueue {
  readonly #send: (batch: Batch, again: boolean) => void;
  #waiting: CallRecord[] = [];
  #sent: Batch | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOpen = false;
  #idle: (() => void)[] = [];
  dropped = 0;
  stored = 0;

  constructor(send: (batch: Batch, again: boolean) => void) {
    this.#send = send;
  }

  get pending(): number {
    return this.#waiting.length + (this.#sent?.size ?? 0);
  }

  /** Takes a record; cheap, for it is called with every call. */
  push(record: CallRecord): void {
    if (this.#waiting.length >= limits.analyticsPending) {
      this.dropped++;
      return;
    }
    this.#waiting.push(record);
    if (this.#isOpen && this.#sent === undefined)
      this.#timer ??= setTimeout(() => this.#flush(), limits.analyticsBatchMs);
  }

  /** There is a process that takes batches: one that was on its way goes again. */
  open(): void {
    this.#isOpen = true;
    if (this.#sent === undefined) this.#flush();
    else this.#send(this.#sent, true);
  }

  /** There is none for now. */
  pause(): void {
    this.#isOpen = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The batch is on disk, but for those that can never be. */
  done(stored: number): void {
    if (this.#sent === undefined) return;
    this.stored += stored;
    this.#sent = undefined;
    if (this.#waiting.length >= limits.analyticsBatch || this.#idle.length > 0) this.#flush();
    else if (this.#waiting.length > 0)
      this.#timer ??= setTimeout(() => this.#flush(), limits.analyticsBatchMs);
  }

  /** Resolves when nothing waits any more. */
  emptied(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      if (this.#isOpen && this.#sent === undefined) this.#flush();
    });
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const records = this.#waiting.splice(0, limits.analyticsBatch);
    const [first] = records;
    if (first === undefined) {
      for (const resolve of this.#idle.splice(0)) resolve();
      return;
    }
    this.#sent = { text: recordsText(records), firstId: first.id, size: records.length };
    this.#send(this.#sent, false);
  }
}
