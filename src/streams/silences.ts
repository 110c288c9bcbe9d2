import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { Members, type Place } from './members.js';

/** Something that must not be silent for longer than its queue allows. */
export interface Watched {
  /** When it is late; set by the queue, in the scheduler's milliseconds. */
  dueAt: number;
  /** Where it stands in the queue that it is on; set by the queue. */
  place?: Place<Watched> | undefined;
  /** Called once when it was silent for too long; it is off the queue by then. */
  late(): void;
}

/**
 * Looked at this often even when nobody is due: with nobody left to watch the timer is not set again, and an idle process can
 * end. One to be taken back and set again with each call would cost what this saves.
 */
const longestSleepMs = 1000;

/**
 * Watches any number of calls that may be silent for the same time, with one timer for all of them.
 *
 * Who speaks goes to the end of the queue, so the first is always the next to be late, and the timer has to look only at it.
 * A call costs two operations on a list; a timer a call costs 2 µs and an entry in Node's own lists.
 */
export class Silences {
  readonly #queue = new Members<Watched>();
  /** The longest silence, in milliseconds. */
  readonly ms: number;
  readonly #scheduler: SchedulerLike;
  #asleep = true;

  constructor(ms: number, scheduler: SchedulerLike = asyncScheduler) {
    this.ms = ms;
    this.#scheduler = scheduler;
  }

  /** Begins to watch, or begins anew. */
  touch(watched: Watched): void {
    watched.place?.leave();
    watched.dueAt = this.#scheduler.now() + this.ms;
    watched.place = this.#queue.add(watched);
    if (this.#asleep) this.#sleep(this.ms);
  }

  end(watched: Watched): void {
    watched.place?.leave();
  }

  #sleep(ms: number): void {
    this.#asleep = false;
    this.#scheduler.schedule(() => this.#wake(), Math.min(ms, longestSleepMs));
  }

  #wake(): void {
    const now = this.#scheduler.now();
    try {
      // Awake until the end: one that is late may begin another call here and now, which must not set a timer of its own.
      for (
        let { first } = this.#queue;
        first !== undefined && first.item.dueAt <= now;
        { first } = this.#queue
      ) {
        first.leave();
        first.item.late();
      }
    } finally {
      this.#asleep = true;
      const { first } = this.#queue;
      if (first !== undefined) this.#sleep(Math.max(0, first.item.dueAt - now));
    }
  }
}
