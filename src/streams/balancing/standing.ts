import { EMPTY, map, merge, skip, startWith, Subject, type Observable, type SchedulerLike } from 'rxjs';
import type { BreakerSettings } from '../../config/balancingSettings.js';
import { Breaker, type BreakerState } from './breaker.js';
import { noReport, type HealthReport } from './healthReport.js';
import { Members, type Place } from '../members.js';
import type { Peers } from './peers.js';

export interface StandingOptions {
  readonly weight: number;
  readonly standby: boolean;
  /** What tells it from others wherever the gateway runs: its address, hashed. */
  readonly seed: number;
  /** Undefined where nothing is broken off. */
  readonly breaker: BreakerSettings | undefined;
  readonly peers: Peers;
  readonly scheduler: SchedulerLike;
  readonly random?: () => number;
}

/** How an instance stands, as a value. */
export interface StandingView {
  readonly breaker: BreakerState;
  readonly health: HealthReport;
  readonly outstanding: number;
  /** Time to the first reply, smoothed, in milliseconds; undefined before there was one. */
  readonly latencyMs: number | undefined;
  /** Failed calls in a row. */
  readonly failures: number;
  /** How often its breaker has opened, and why. */
  readonly opened: { readonly failures: number; readonly slowness: number };
}

/** A call that can be given up for another instance. */
export interface Revocable {
  giveUp(): void;
}

/** An instance is believed for so long, in milliseconds, when it says to be asked later: what it answers to one call bears on all. */
const longestBusyMs = 5 * 60_000;

/** How much of an old latency a new one leaves. */
const smoothing = 0.9;

/**
 * How one of several instances stands: what its calls and pings have shown. Mutable, for it is read and written with each call;
 * {@link Standing.changes$} tells of what matters.
 */
export class Standing {
  readonly seed: number;
  readonly peers: Peers;
  readonly #breaker: Breaker | undefined;
  readonly #reports = new Subject<HealthReport>();
  readonly #revocable = new Members<Revocable>();
  #weight = 1;
  #standby = false;
  #health = noReport;
  #outstanding = 0;
  #latencyMs: number | undefined;
  #samples = 0;
  #slowness = 0;
  #busyUntil = -Infinity;

  constructor({ weight, standby, seed, breaker, peers, scheduler, random }: StandingOptions) {
    this.rank(weight, standby);
    this.seed = seed;
    this.peers = peers;
    if (breaker !== undefined)
      this.#breaker = new Breaker(breaker, { scheduler, ...(random !== undefined && { random }) });
    peers.join(this);
  }

  /** Its share of the calls in relation to the others'. */
  get weight(): number {
    return this.#weight;
  }

  /** Whether it is tried only when the others fail. */
  get standby(): boolean {
    return this.#standby;
  }

  /** Calls under way. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** The smoothed time to the first reply, in milliseconds; undefined while there were too few to compare it. */
  get typicalMs(): number | undefined {
    return this.#samples < this.peers.minSamples ? undefined : this.#latencyMs;
  }

  get isOpen(): boolean {
    return this.#breaker?.state === 'open';
  }

  /** When a call failed last, in milliseconds of the scheduler's clock; -Infinity for never. */
  get failedAt(): number {
    return this.#breaker?.failedAt ?? -Infinity;
  }

  /** For how long it still does not want to be asked, in milliseconds; 0 where it has not said so. */
  get busyMs(): number {
    const ms = this.#busyUntil - this.peers.scheduler.now();
    // More than it can be believed: the clock was set back.
    return ms > 0 && ms <= longestBusyMs ? ms : 0;
  }

  /** Whether a call goes to it as to any other: it wants to be asked, its breaker admits it and its pings are answered well. */
  isWell(repeatable: boolean): boolean {
    const { status } = this.#health;
    return status !== 'unhealthy' && status !== 'degraded' && this.#admits(repeatable);
  }

  /** Whether it is merely slow or has missed a ping. */
  isDegraded(repeatable: boolean): boolean {
    return this.#health.status === 'degraded' && this.#admits(repeatable);
  }

  get view(): StandingView {
    return {
      breaker: this.#breaker?.state ?? 'closed',
      health: this.#health,
      outstanding: this.#outstanding,
      latencyMs: this.#latencyMs,
      failures: this.#breaker?.failures ?? 0,
      opened: { failures: (this.#breaker?.opened ?? 0) - this.#slowness, slowness: this.#slowness },
    };
  }

  /** How it stands, and again whenever its breaker or its health changes. */
  get changes$(): Observable<StandingView> {
    const breaks$ = this.#breaker?.state$.pipe(skip(1)) ?? EMPTY;
    return merge(breaks$, this.#reports).pipe(
      startWith(undefined),
      map(() => this.view),
    );
  }

  /** What is asked of it among the others. */
  rank(weight: number, standby: boolean): void {
    this.#weight = weight;
    this.#standby = standby;
  }

  /** A call begins. */
  begin(): number {
    this.#outstanding++;
    return this.#breaker?.begin() ?? 0;
  }

  /** It has given its first reply, after so many milliseconds. */
  replied(ms: number): void {
    this.#latencyMs = this.#latencyMs === undefined ? ms : this.#latencyMs * smoothing + ms * (1 - smoothing);
    this.#samples++;
  }

  /** It has been answered. */
  succeeded(ticket: number): void {
    this.#outstanding--;
    this.#breaker?.succeeded(ticket);
    if (this.#breaker?.state === 'closed' && this.peers.isOutlier(this)) {
      this.#samples = 0;
      this.#slowness++;
      this.#breaker.trip();
    }
  }

  /** It has failed, by the fault of the instance. */
  failed(ticket: number): void {
    this.#outstanding--;
    this.#breaker?.failed(ticket);
  }

  /** It has ended in a way that says nothing of the instance. */
  abandoned(ticket: number): void {
    this.#outstanding--;
    this.#breaker?.abandoned(ticket);
  }

  /** It wants to be asked again in so many milliseconds (`Retry-After`), whatever it said before. */
  busyFor(ms: number): void {
    this.#busyUntil = this.peers.scheduler.now() + Math.min(ms, longestBusyMs);
  }

  /** Takes part in what happens when the instance is found dead. */
  watch(call: Revocable): Place<Revocable> {
    return this.#revocable.add(call);
  }

  /** What its pings show now. Calls that can go elsewhere are given up when they show that it is dead. */
  report(report: HealthReport): void {
    const before = this.#health.status;
    this.#health = report;
    if (before !== report.status) this.#reports.next(report);
    if (report.status !== 'unhealthy' || before === 'unhealthy') return;
    for (const call of this.#revocable) call.giveUp();
  }

  /** The instance is no more. */
  end(): void {
    this.peers.leave(this);
    this.#breaker?.end();
    this.#reports.complete();
  }

  #admits(repeatable: boolean): boolean {
    return this.busyMs === 0 && (this.#breaker?.admits(repeatable) ?? true);
  }
}
