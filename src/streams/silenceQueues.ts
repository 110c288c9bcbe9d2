import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { Silences } from './silences.js';

/** One queue of waiting calls for each limit in use. There are to be few: those that the configuration names, and no client's. */
export class SilenceQueues {
  readonly scheduler: SchedulerLike;
  readonly #queues = new Map<number, Silences>();

  constructor(scheduler: SchedulerLike = asyncScheduler) {
    this.scheduler = scheduler;
  }

  /** @param ms the limit, in milliseconds */
  of(ms: number): Silences {
    let queue = this.#queues.get(ms);
    if (queue === undefined) this.#queues.set(ms, (queue = new Silences(ms, this.scheduler)));
    return queue;
  }
}
