import type { Departure, Outlet } from '../../streams/exchange.js';
import type { Reply } from '../../streams/reply.js';
import type { Valve } from '../../streams/valve.js';

export interface TrackedOptions {
  readonly outlet: Outlet;
  /** Sees every reply before it leaves. */
  readonly seen?: (reply: Reply) => void;
  /** Told once when the call is over, however it ended. */
  readonly over: () => void;
}

/**
 * An outlet that a source keeps an eye on: it knows when the call is over, and can leave in its client's name.
 *
 * On a shared channel there is no response stream to close: who cancels one call stays where it is.
 */
export class Tracked implements Outlet {
  readonly #options: TrackedOptions;
  #listener: ((why: Departure) => void) | undefined;
  #left: Departure | undefined;
  #over = false;

  constructor(options: TrackedOptions) {
    this.#options = options;
  }

  get valve(): Valve {
    return this.#options.outlet.valve;
  }

  onGone(listener: (why: Departure) => void): void {
    if (this.#left === undefined) this.#listener = listener;
    else listener(this.#left);
  }

  next(reply: Reply): void {
    this.#options.seen?.(reply);
    if (this.#left === undefined) this.#options.outlet.next(reply);
  }

  error(error: unknown): void {
    this.#options.outlet.error(error);
    this.#finish();
  }

  complete(): void {
    if (!this.#over) this.#options.outlet.complete();
    this.#finish();
  }

  /** The client has left the call: nothing of it is sent any more. Whether that cancels it is for its revision to say. */
  leave(why: Departure): void {
    if (this.#over || this.#left !== undefined) return;
    this.#left = why;
    this.#options.outlet.complete();
    this.#listener?.(why);
    this.#finish();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.over();
  }
}
