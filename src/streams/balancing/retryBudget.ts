import type { RetryBudgetSettings } from '../../config/balancingSettings.js';
import { SlidingCounts } from './slidingCounts.js';

/** What is looked back at, in milliseconds. */
const windowMs = 10_000;

/**
 * Bounds the repetitions of one server's calls to a share of its traffic.
 *
 * > A count of attempts a call multiplies the load of a server that fails; a share of the traffic adds to it what it says.
 *
 * Gives `share` of the calls of the last ten seconds, and where that is used up `perSecond` besides, so that a server with little
 * traffic is not left without. What is not taken of these is not saved: a server that fails at once gets no burst.
 */
export class RetryBudget {
  readonly #settings: RetryBudgetSettings;
  /** Calls first, what was taken of their share second. */
  readonly #counts: SlidingCounts;
  /** What was taken besides, in the last second. */
  readonly #besides: SlidingCounts;

  /** @param now milliseconds of any clock that does not go backwards */
  constructor(settings: RetryBudgetSettings, now: () => number) {
    this.#settings = settings;
    this.#counts = new SlidingCounts(windowMs, now);
    this.#besides = new SlidingCounts(1000, now);
  }

  /** A call has come. */
  called(): void {
    this.#counts.addFirst();
  }

  /** Takes one repetition, if there is one left. */
  take(): boolean {
    const { share, perSecond } = this.#settings;
    const counts = this.#counts.second + 1 <= share * this.#counts.first ? this.#counts : this.#besides;
    if (counts === this.#besides && counts.second + 1 > perSecond) return false;
    counts.addSecond();
    return true;
  }
}
