import type { RetryBudgetSettings } from '../../config/balancingSettings.js';
import { SlidingCounts } from './slidingCounts.js';

/** What is looked back at, in milliseconds. */
const windowMs = 10_000;

/**
 * Bounds the repetitions of one server's calls to a share of its traffic.
 *
 * > A count of attempts a call multiplies the load of a server that fails; a share of the traffic adds to it what it says.
 *
 * Looks at the last ten seconds: `share` of the calls in them, and `perSecond` besides, so that a server with little traffic is
 * not left without.
 */
export class RetryBudget {
  readonly #settings: RetryBudgetSettings;
  readonly #counts: SlidingCounts;

  /** @param now milliseconds of any clock that does not go backwards */
  constructor(settings: RetryBudgetSettings, now: () => number) {
    this.#settings = settings;
    this.#counts = new SlidingCounts(windowMs, now);
  }

  /** A call has come. */
  called(): void {
    this.#counts.addFirst();
  }

  /** Takes one repetition, if there is one left. */
  take(): boolean {
    const { share, perSecond } = this.#settings;
    const most = share * this.#counts.first + (perSecond * windowMs) / 1000;
    if (this.#counts.second + 1 > most) return false;
    this.#counts.addSecond();
    return true;
  }
}
