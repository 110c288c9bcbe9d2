import type { SchedulerLike } from 'rxjs';
import { Bulkhead } from './bulkhead.js';
import { SilenceQueues } from './silenceQueues.js';

/** The bulkheads of all servers, by their names. They outlive the configuration, as the calls do. */
export class Bulkheads {
  readonly #queues: SilenceQueues;
  /** Only of servers that calls are under way to. */
  readonly #bulkheads = new Map<string, Bulkhead>();

  constructor(scheduler?: SchedulerLike) {
    this.#queues = new SilenceQueues(scheduler);
  }

  /** That of a server; it is to be used at once. */
  of(server: string): Bulkhead {
    let bulkhead = this.#bulkheads.get(server);
    if (bulkhead === undefined) {
      bulkhead = new Bulkhead(this.#queues, () => void this.#bulkheads.delete(server));
      this.#bulkheads.set(server, bulkhead);
    }
    return bulkhead;
  }

  /** How many calls are in and before the one of a server. */
  crowd(server: string): { readonly inFlight: number; readonly queued: number } {
    return this.#bulkheads.get(server) ?? nobody;
  }
}

const nobody = { inFlight: 0, queued: 0 };
