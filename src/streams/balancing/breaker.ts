import {
  BehaviorSubject,
  distinctUntilChanged,
  type Observable,
  type SchedulerLike,
  type Subscription,
} from 'rxjs';
import type { BreakerSettings } from '../../config/balancingSettings.js';
import { SlidingCounts } from './slidingCounts.js';

/** `closed`: calls flow. `open`: it is tried last. `half-open`: the cooldown is over, one call at a time finds out. */
export type BreakerState = 'closed' | 'open' | 'half-open';

export interface BreakerOptions {
  readonly scheduler: SchedulerLike;
  /** From 0 to 1; spreads the ends of cooldowns. */
  readonly random?: () => number;
}

/** A call that the breaker has been told of: what its end means depends on what has happened since its beginning. */
export type Ticket = number;

/**
 * The circuit breaker of one instance: a state machine fed by the outcomes of attempts.
 *
 * ```
 * outcomes   s-f-f-f-----------f-----------------------s
 * breaker    closed  open-----half-open open----------half-open closed      3 failures in a row
 * ```
 *
 * Opens after so many failures in a row, or when the share of failures within a sliding window is too high. Each trial that fails
 * doubles the cooldown, up to a bound; its end is random by a fifth, so that the gateways in front of an instance do not try it all at
 * once. Outcomes of calls that began before the last change are not counted: they say nothing of the instance as it is now.
 */
export class Breaker {
  readonly #settings: BreakerSettings;
  readonly #scheduler: SchedulerLike;
  readonly #random: () => number;
  readonly #states = new BehaviorSubject<BreakerState>('closed');
  /** Failures first, successes second. */
  readonly #window: SlidingCounts;
  #state: BreakerState = 'closed';
  #era = 0;
  #inARow = 0;
  /** Since it was closed last. */
  #openings = 0;
  #opened = 0;
  #trial = false;
  #ended = false;
  #halfOpenAt = 0;
  #failedAt = -Infinity;
  #cooldown: Subscription | undefined;

  constructor(settings: BreakerSettings, { scheduler, random = Math.random }: BreakerOptions) {
    this.#settings = settings;
    this.#scheduler = scheduler;
    this.#random = random;
    this.#window = new SlidingCounts(settings.windowMs, () => scheduler.now());
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** The state and each later one. */
  get state$(): Observable<BreakerState> {
    return this.#states.pipe(distinctUntilChanged());
  }

  /** Milliseconds of the scheduler's clock; -Infinity for never. */
  get failedAt(): number {
    return this.#failedAt;
  }

  /** How often it has opened in all. */
  get opened(): number {
    return this.#opened;
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#inARow;
  }

  /**
   * Whether a call may go to it as to any other.
   *
   * @param repeatable a trial is for calls that can go elsewhere when it fails; others only where no such call has come for long
   */
  admits(repeatable: boolean): boolean {
    if (this.#state === 'closed') return true;
    if (this.#state === 'open' || this.#trial) return false;
    return repeatable || this.#scheduler.now() - this.#halfOpenAt >= this.#settings.cooldownMs;
  }

  /** A call begins. Each that has begun ends with exactly one of the three below. */
  begin(): Ticket {
    if (this.#state === 'half-open') this.#trial = true;
    return this.#era;
  }

  succeeded(ticket: Ticket): void {
    if (ticket !== this.#era) return;
    this.#inARow = 0;
    this.#window.addSecond();
    // An open one is tried when all are: it may be well again before its time.
    if (this.#state !== 'closed') this.#close();
  }

  failed(ticket: Ticket): void {
    this.#failedAt = this.#scheduler.now();
    if (ticket !== this.#era) return;
    this.#inARow++;
    this.#window.addFirst();
    if (this.#state === 'half-open' || (this.#state === 'closed' && this.#isTooMuch())) this.trip();
  }

  /** It ended without telling anything of the instance: its client left. */
  abandoned(ticket: Ticket): void {
    if (ticket === this.#era) this.#trial = false;
  }

  /** Opens, whatever has been counted. */
  trip(): void {
    const { cooldownMs, maxCooldownMs } = this.#settings;
    const full = Math.min(cooldownMs * 2 ** this.#openings, maxCooldownMs);
    this.#openings++;
    this.#opened++;
    this.#failedAt = this.#scheduler.now();
    this.#cooldown?.unsubscribe();
    this.#become('open');
    // Calls of an instance that is gone may still fail: nobody waits for the end of its cooldown.
    if (this.#ended) return;
    this.#cooldown = this.#scheduler.schedule(() => this.#halfOpen(), full * (0.8 + 0.2 * this.#random()));
  }

  /** Stops its clock for good. */
  end(): void {
    this.#ended = true;
    this.#cooldown?.unsubscribe();
    this.#states.complete();
  }

  #isTooMuch(): boolean {
    const { failures, minCalls, failureRate } = this.#settings;
    if (this.#inARow >= failures) return true;
    const failed = this.#window.first;
    const all = failed + this.#window.second;
    return all >= minCalls && failed >= failureRate * all;
  }

  #halfOpen(): void {
    this.#halfOpenAt = this.#scheduler.now();
    this.#become('half-open');
  }

  #close(): void {
    this.#cooldown?.unsubscribe();
    this.#openings = 0;
    this.#inARow = 0;
    this.#window.clear();
    this.#become('closed');
  }

  #become(state: BreakerState): void {
    this.#state = state;
    this.#era++;
    this.#trial = false;
    this.#states.next(state);
  }
}
