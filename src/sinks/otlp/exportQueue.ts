export interface ExportQueueOptions<T> {
  /** So many may wait; what finds no room is dropped. */
  readonly max: number;
  /** So many are sent at once. */
  readonly batch: number;
  /** How long one may wait for others, in milliseconds. */
  readonly everyMs: number;
  /** Sends a batch. Never rejects. `closing` aborts when there is no time left. */
  readonly send: (items: readonly T[], closing: AbortSignal) => Promise<void>;
  /** Told of each that found no room, and of those that were left at the end. */
  readonly onDropped: (count: number) => void;
}

/**
 * What waits to be exported: bounded, sent in batches, one after the other.
 *
 * > Taking something costs a push; what is slow or away costs memory up to the bound and nothing else.
 */
export class ExportQueue<T> {
  readonly #options: ExportQueueOptions<T>;
  readonly #closing = new AbortController();
  #waiting: T[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: ExportQueueOptions<T>) {
    this.#options = options;
  }

  push(...items: readonly T[]): void {
    const { max, batch, everyMs, onDropped } = this.#options;
    const room = this.#isClosed ? 0 : Math.max(0, max - this.#waiting.length);
    this.#waiting.push(...items.slice(0, room));
    if (items.length > room) onDropped(items.length - room);
    if (this.#sending !== undefined || this.#isClosed) return;
    if (this.#waiting.length >= batch) this.#flush();
    // It keeps no process alive: who ends calls close().
    else this.#timer ??= setTimeout(() => this.#flush(), everyMs).unref();
  }

  /** Sends what waits; resolves when it is sent or `graceMs` are over. Nothing is taken after that. */
  async close(graceMs: number): Promise<void> {
    this.#isClosed = true;
    const enough = setTimeout(() => this.#closing.abort(), graceMs);
    while (this.#sending !== undefined || this.#waiting.length > 0) {
      if (this.#sending === undefined) this.#flush();
      await this.#sending;
    }
    clearTimeout(enough);
  }

  #flush(): void {
    const { batch, send, onDropped } = this.#options;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#closing.signal.aborted) {
      onDropped(this.#waiting.length);
      this.#waiting = [];
    }
    const items = this.#waiting.splice(0, batch);
    if (items.length === 0) return;
    this.#sending = send(items, this.#closing.signal).finally(() => {
      this.#sending = undefined;
      // The rest has waited long enough.
      if (this.#waiting.length > 0 && !this.#isClosed) this.#flush();
    });
  }
}
