import type { CallRecord } from '../../protocol/audit/callRecord.js';

/** A record that is remembered; `number` counts all there ever were. */
export interface RecentCall {
  readonly number: number;
  readonly record: CallRecord;
}

/** Which records somebody wants. */
export type CallTest = (record: CallRecord) => boolean;

/** The calls that have ended last, so many of them: a newer one takes the place of the oldest. */
export class RecentCalls {
  readonly #room: () => number;
  #kept: CallRecord[] = [];
  /** Number of the next one; it comes to that place, modulo the room. */
  #next = 0;
  #size = 0;

  /** @param room how many are kept; 0 for none */
  constructor(room: () => number) {
    this.#room = room;
  }

  add(record: CallRecord): void {
    const room = this.#room();
    if (room !== this.#size) this.#resize(room);
    if (room === 0) return;
    this.#kept[this.#next++ % room] = record;
  }

  /** Number of the next one. */
  get next(): number {
    return this.#next;
  }

  /** When the oldest one that is kept ended; undefined where there is none. */
  get oldest(): string | undefined {
    return this.#at(Math.max(0, this.#next - this.#size))?.time;
  }

  /** The newest first, those before `before` if that is given. */
  *newest(test: CallTest, before = this.#next): Generator<RecentCall> {
    const last = Math.max(0, this.#next - this.#size);
    for (let number = Math.min(before, this.#next) - 1; number >= last; number--) {
      const record = this.#at(number);
      if (record !== undefined && test(record)) yield { number, record };
    }
  }

  #at(number: number): CallRecord | undefined {
    return this.#size === 0 || number >= this.#next ? undefined : this.#kept[number % this.#size];
  }

  #resize(room: number): void {
    const kept = [...this.newest(() => true)].slice(0, room).reverse();
    this.#kept = [];
    this.#size = room;
    if (room > 0) for (const { number, record } of kept) this.#kept[number % room] = record;
  }
}
