import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { SlidingCounts } from './balancing/slidingCounts.js';
import { positiveInteger } from './positiveInteger.js';
import { shareOf } from './shareOf.js';

/** How a new version does, in the window up to now. */
export interface CanaryHealth {
  readonly failed: number;
  readonly answered: number;
}

export interface CanaryGuardOptions {
  /** The largest share of failed calls that is put up with, 0 to 1. */
  readonly maxErrors: number;
  /** How far it looks back, in milliseconds. A minute by default. */
  readonly windowMs?: number;
  /** So many calls there must have been in the window. 20 by default. */
  readonly least?: number;
  /** Told once when it gives up: for an alert. */
  readonly onAbort?: (health: CanaryHealth) => void;
  /** Time, for tests. */
  readonly scheduler?: SchedulerLike;
}

/**
 * Watches a new version, and gives it up when too many of its calls fail. Made outside of the chain: a chain is assembled anew with each
 * configuration, and what has been given up stays so, until {@link resume} or a new start.
 */
export class CanaryGuard {
  readonly #maxErrors: number;
  readonly #least: number;
  readonly #onAbort: (health: CanaryHealth) => void;
  /** Failed, and not. */
  readonly #counts: SlidingCounts;
  #isAborted = false;

  constructor({
    maxErrors,
    windowMs = 60_000,
    least = 20,
    onAbort,
    scheduler = asyncScheduler,
  }: CanaryGuardOptions) {
    this.#maxErrors = shareOf('CanaryGuard: maxErrors', maxErrors);
    this.#least = positiveInteger('CanaryGuard: least', least);
    this.#onAbort = onAbort ?? (() => undefined);
    this.#counts = new SlidingCounts(positiveInteger('CanaryGuard: windowMs', windowMs), () =>
      scheduler.now(),
    );
  }

  /** Whether it has been given up: it gets no new calls. */
  get isAborted(): boolean {
    return this.#isAborted;
  }

  get health(): CanaryHealth {
    const { first: failed, second } = this.#counts;
    return { failed, answered: failed + second };
  }

  /** Takes note of a call that has ended. */
  ended(failed: boolean): void {
    if (failed) this.#counts.addFirst();
    else this.#counts.addSecond();
    if (!failed || this.#isAborted) return;
    const { health } = this;
    if (health.answered < this.#least || health.failed / health.answered <= this.#maxErrors) return;
    this.#isAborted = true;
    this.#onAbort(health);
  }

  /** Gives it calls again, as if nothing had been. */
  resume(): void {
    this.#counts.clear();
    this.#isAborted = false;
  }
}
