import { asyncScheduler, type SchedulerLike } from 'rxjs';
import type { HedgeSettings, RetrySettings } from '../../config/balancingSettings.js';
import { Silences } from '../silences.js';
import { Hedging } from './hedging.js';
import { RetryBudget } from './retryBudget.js';

/** What is compared of an instance. */
interface Comparable {
  readonly typicalMs: number | undefined;
  readonly isOpen: boolean;
}

export interface PeersOptions {
  readonly retry: RetrySettings;
  /** An instance is an outlier when it takes so many times as long as is usual among the others; undefined for never. */
  readonly slowFactor: number | undefined;
  /** Undefined for no second attempts besides the first. */
  readonly hedge?: HedgeSettings | undefined;
  readonly scheduler?: SchedulerLike;
}

/** Below this nothing is slow, whatever the others take, in milliseconds. */
const slowestUsualMs = 250;

/** The instances of one server together: what they share, and what one is compared with. */
export class Peers {
  /** So many answers make a latency that can be compared. */
  readonly minSamples = 20;
  readonly retry: RetrySettings;
  readonly budget: RetryBudget;
  /** Watches attempts that may go elsewhere; undefined where they have all the time of their call. */
  readonly attempts: Silences | undefined;
  readonly hedging: Hedging | undefined;
  readonly scheduler: SchedulerLike;
  readonly #slowFactor: number | undefined;
  readonly #members = new Set<Comparable>();

  constructor({ retry, slowFactor, hedge, scheduler = asyncScheduler }: PeersOptions) {
    this.retry = retry;
    this.budget = new RetryBudget(retry.budget, () => scheduler.now());
    this.attempts =
      retry.attemptTimeoutMs === undefined ? undefined : new Silences(retry.attemptTimeoutMs, scheduler);
    this.hedging = hedge && new Hedging(hedge, scheduler);
    this.scheduler = scheduler;
    this.#slowFactor = slowFactor;
  }

  join(member: Comparable): void {
    this.#members.add(member);
  }

  leave(member: Comparable): void {
    this.#members.delete(member);
  }

  /**
   * Whether one answers far slower than the others usually do. Never true once half of them are out: they would have nobody left to
   * stand in for them.
   */
  isOutlier(member: Comparable): boolean {
    const own = member.typicalMs;
    if (this.#slowFactor === undefined || own === undefined || own < slowestUsualMs) return false;
    const members = [...this.#members];
    const out = members.reduce((sum, { isOpen }) => sum + (isOpen ? 1 : 0), 0);
    if (2 * (out + 1) > members.length) return false;
    const usual = median(
      members.flatMap((other) =>
        other === member || other.isOpen || other.typicalMs === undefined ? [] : [other.typicalMs],
      ),
    );
    return usual !== undefined && own > this.#slowFactor * usual;
  }
}

/** The lower one of two in the middle. */
const median = (values: readonly number[]): number | undefined =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
