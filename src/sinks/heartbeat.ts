/** One clock for all open streams of a listener. */
import { Members, type Place } from '../streams/members.js';

/** Something that wants to be asked now and then whether it has been idle or stuck for too long. */
export interface Ticking {
  /** `now` is `performance.now()`, in milliseconds. */
  tick(now: number): void;
}

/**
 * Ticks everything in a set at a steady pace. One timer for ten thousand streams: a timer for each call would cost more than
 * the call's whole pipeline.
 */
export class Heartbeat {
  readonly #ticking = new Members<Ticking>();
  readonly #timer: NodeJS.Timeout;
  readonly #everyMs: number;

  /** @param everyMs the pace; limits are kept to within this much */
  constructor(everyMs: number) {
    this.#everyMs = everyMs;
    this.#timer = setInterval(() => {
      const now = performance.now();
      for (const each of this.#ticking) each.tick(now);
    }, everyMs);
    this.#timer.unref();
  }

  get size(): number {
    return this.#ticking.size;
  }

  /** Whether what has been silent since then would have been so for longer than `mostMs` at the next tick. */
  isDue(now: number, since: number, mostMs: number): boolean {
    return now + this.#everyMs - since > mostMs;
  }

  /** Ticks until it leaves. */
  add(each: Ticking): Place<Ticking> {
    return this.#ticking.add(each);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
