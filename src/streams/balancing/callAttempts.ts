import { concat, defer, Observable, timer, type SchedulerLike } from 'rxjs';
import { fromUnknown, type GatewayError, type Outcome } from '../../protocol/errors.js';
import type { Attempt, Exchange, Placed, Resolved } from '../exchange.js';
import { inTurn } from '../inTurn.js';
import { outcomeOf } from '../outcomeOf.js';
import type { Reply } from '../reply.js';
import type { Instance } from '../serverState.js';
import { attemptOn } from './attemptOn.js';
import { GivenUp } from './givenUp.js';
import { hedged } from './hedged.js';
import type { RetryBudget } from './retryBudget.js';

export interface CallAttemptsOptions<E> {
  /** To be tried in this order, and from the beginning again; one at least. */
  readonly instances: readonly Instance[];
  readonly send: (placed: E & Placed) => Observable<Reply>;
  readonly budget: RetryBudget;
  readonly scheduler: SchedulerLike;
}

/** So many attempts of a call are written down, all its rounds together. */
const maxTold = 32;

/** The attempts at one call: which instance is next, whether there may be another attempt, and what became of each. */
export class CallAttempts<E extends Exchange & Resolved> {
  readonly #exchange: E;
  readonly #options: CallAttemptsOptions<E>;
  readonly #repeatable: boolean;
  readonly #most: number;
  /** So many where the next one has to be waited for: being told by each instance to come back later leaves the call one more. */
  readonly #mostAfterWait: number;
  /** Longest silence that the call itself allows, in milliseconds. */
  readonly #patienceMs: number;
  #begun = 0;
  /** Which instance is next if it wants to be asked. */
  #turn = 0;
  #last: Attempt | undefined;
  /** Attempts that have not ended, as far as they are told of. */
  #underWay = 0;
  /** The attempt that spoke first. */
  #winner: Attempt | undefined;
  /** What has been decided of the result that told of a broken instance. */
  #decided: { readonly fault: GatewayError; readonly next: Next } | undefined;
  /** When the only instance wants to be asked again, in the milliseconds of the scheduler; others have a standing for that. */
  #notBefore = -Infinity;

  constructor(exchange: E, options: CallAttemptsOptions<E>) {
    const { target } = exchange;
    const { instances } = options;
    const retry = instances[0]?.standing?.peers.retry;
    this.#exchange = exchange;
    this.#options = options;
    this.#repeatable = target.repeatable || retry?.unsafe === true;
    // A repeatable call gets a second chance even with one instance: its connection may have been closed while idle.
    const usual = this.#repeatable ? Math.max(instances.length, 2) : instances.length;
    this.#most = retry?.attempts ?? usual;
    this.#mostAfterWait = retry?.attempts ?? (this.#repeatable ? instances.length + 1 : usual);
    this.#patienceMs = Math.min(
      target.times?.firstByteMs ?? target.timeoutMs,
      target.times?.totalMs ?? Infinity,
    );
  }

  /** The replies of the attempt that succeeds; the error of the last one. */
  replies(): Observable<Reply> {
    return inTurn(
      (index) => (index === 0 ? this.#awaited() : this.#told(this.#begin('retry'))),
      (error, _index, replied) => {
        const failure = fromUnknown(error);
        if (failure === this.#decided?.fault) return this.#decided.next;
        if (this.#last !== undefined) this.#ended(this.#last, failure.outcome, failure);
        return this.#next(failure, replied);
      },
    );
  }

  /** The first attempt, later where every instance wants it so: that costs what a repetition does, for it would become one. */
  #awaited(): Observable<Reply> {
    const ms = this.#repeatable ? this.#pauseFor(this.#soonest()) : 0;
    if (ms === 0 || !this.#mayWait(ms) || !this.#options.budget.take()) return this.#first();
    return concat(
      this.#pause(ms),
      defer(() => this.#first()),
    );
  }

  #first(): Observable<Reply> {
    const { target } = this.#exchange;
    const hedging = this.#options.instances[0]?.standing?.peers.hedging;
    if (hedging === undefined || !target.repeatable) return this.#begin('first').replies$;
    const attempt = this.#told(this.#begin('first'), (ms) => hedging.took(target, ms));
    const watch = this.#options.instances.length < 2 ? undefined : hedging.watchFor(target);
    return watch === undefined ? attempt : hedged(attempt, () => this.#hedge(), watch);
  }

  #hedge(): Observable<Reply> | undefined {
    const other = this.#options.instances[1];
    if (this.#begun >= this.#most || other?.standing?.isWell(true) !== true) return undefined;
    return this.#options.budget.take() ? this.#told(this.#begin('hedge')) : undefined;
  }

  #begin(kind: Attempt['kind']): Begun {
    const { send } = this.#options;
    const exchange = this.#exchange;
    // What a call is bound to goes there, busy or not.
    const index = kind === 'first' ? 0 : this.#soonest();
    const instance = this.#instanceOf(index);
    this.#turn = index + 1;
    this.#begun++;
    const begunAt = performance.now();
    const attempt: Attempt = {
      instance: instance.id,
      kind,
      startedMs: rounded(begunAt - exchange.startedAt),
      durationMs: undefined,
      outcome: undefined,
      error: undefined,
    };
    if (kind !== 'first' && this.#last !== undefined) this.#tell(this.#last);
    if (kind !== 'first') this.#tell(attempt);
    this.#last = attempt;
    this.#underWay++;
    const placed: E & Placed = { ...exchange, instance };
    const goesOn = (fault: GatewayError): boolean => this.#isPassedOver(attempt, fault);
    const repeatable = this.#repeatable && this.#begun < this.#most;
    const { standing } = instance;
    const plain = (): Observable<Reply> => (repeatable ? withFaults(send(placed), goesOn) : send(placed));
    const replies$ =
      standing === undefined
        ? plain()
        : attemptOn(standing, () => send(placed), { repeatable, patienceMs: this.#patienceMs, goesOn });
    return { attempt, instance, replies$ };
  }

  /** Writes down how an attempt ends. Only where there may be several: a call with one attempt does without. */
  #told({ attempt, instance, replies$ }: Begun, took?: (ms: number) => void): Observable<Reply> {
    const { scheduler } = this.#options;
    return new Observable((subscriber) => {
      const begunAt = scheduler.now();
      subscriber.add(() => {
        if (attempt.outcome !== undefined) return;
        const outrun = this.#winner !== undefined && this.#winner !== attempt;
        this.#ended(attempt, outrun ? 'outrun' : 'cancelled');
        if (!outrun) return;
        // It would have taken longer still.
        const ms = scheduler.now() - begunAt;
        took?.(ms);
        instance.standing?.replied(ms);
      });
      return replies$.subscribe({
        next: (reply) => {
          if (this.#winner === undefined) {
            this.#winner = attempt;
            this.#exchange.notes.instance = attempt.instance;
            took?.(scheduler.now() - begunAt);
          }
          const outcome = outcomeOf(reply);
          if (outcome !== undefined) this.#ended(attempt, outcome);
          subscriber.next(reply);
        },
        error: (error: unknown) => {
          const failure = fromUnknown(error);
          this.#ended(attempt, failure.outcome, failure);
          subscriber.error(error);
        },
        complete: () => subscriber.complete(),
      });
    });
  }

  /** Whether a result that tells of a broken instance is not to be the answer. */
  #isPassedOver(attempt: Attempt, fault: GatewayError): boolean {
    this.#ended(attempt, fault.outcome, fault);
    // Another is under way, and may bring a better one.
    if (this.#underWay > 0) return true;
    const next = this.#next(fault, false);
    this.#decided = { fault, next };
    return next !== false;
  }

  #next(failure: GatewayError, replied: boolean): Next {
    if (replied || !mayRepeat(failure, this.#repeatable)) return false;
    const pauseMs = this.#pauseFor(this.#soonest());
    if (this.#begun >= (pauseMs > 0 ? this.#mostAfterWait : this.#most)) return false;
    if (!this.#mayWait(pauseMs)) return false;
    if (!this.#isFirstLoad(failure, pauseMs) && !this.#options.budget.take()) return false;
    return pauseMs === 0 || this.#pause(pauseMs);
  }

  /**
   * Whether the next instance has the call for the first time, and the last one had nothing of it, not even a connection: that is no load
   * that a budget has to bound, and when an instance ends under load, many calls are on their way there at once.
   */
  #isFirstLoad({ code, outcome }: GatewayError, pauseMs: number): boolean {
    if (pauseMs > 0 || this.#begun >= this.#options.instances.length) return false;
    return code === 'ERR_UPSTREAM_UNREACHABLE' && outcome !== 'timeout';
  }

  #mayWait(ms: number): boolean {
    const { clock } = this.#exchange;
    if (ms > this.#patienceMs) return false;
    return clock === undefined || this.#options.scheduler.now() + ms < clock.deadlineAt;
  }

  /** What is waited for then is no silence of the backend. */
  #pause(ms: number): Observable<never> {
    const { clock } = this.#exchange;
    return new Observable((subscriber) => {
      clock?.hold();
      return timer(ms, this.#options.scheduler).subscribe({
        complete: () => {
          clock?.goOn();
          subscriber.complete();
        },
      });
    });
  }

  /** The next in turn that wants to be asked, or else the one that will want it first. */
  #soonest(): number {
    let soonest = this.#turn;
    if (this.#pauseFor(soonest) === 0) return soonest;
    for (let index = soonest + 1; index < this.#turn + this.#options.instances.length; index++)
      if (this.#pauseFor(index) < this.#pauseFor(soonest)) soonest = index;
    return soonest;
  }

  #pauseFor(index: number): number {
    const { standing } = this.#instanceOf(index);
    return standing?.busyMs ?? Math.max(0, this.#notBefore - this.#options.scheduler.now());
  }

  #instanceOf(index: number): Instance {
    const { instances } = this.#options;
    return instances[index % instances.length] as Instance;
  }

  #ended(attempt: Attempt, outcome: Outcome | 'outrun', error?: GatewayError): void {
    if (attempt.outcome !== undefined) return;
    this.#underWay--;
    attempt.outcome = outcome;
    attempt.error = error?.code;
    attempt.durationMs = rounded(performance.now() - this.#exchange.startedAt - attempt.startedMs);
    if (error === undefined) return;
    this.#tell(attempt);
    const { retryAfterMs } = error;
    if (retryAfterMs === undefined) return;
    const { instances, scheduler } = this.#options;
    const standing = instances.find(({ id }) => id === attempt.instance)?.standing;
    if (standing === undefined) this.#notBefore = scheduler.now() + retryAfterMs;
    else standing.busyFor(retryAfterMs);
  }

  #tell(attempt: Attempt): void {
    const told = (this.#exchange.notes.tried ??= []);
    if (told.length < maxTold && !told.includes(attempt)) told.push(attempt);
  }
}

interface Begun {
  readonly attempt: Attempt;
  readonly instance: Instance;
  readonly replies$: Observable<Reply>;
}

/** Whether another attempt follows: at once, or when this completes. */
type Next = boolean | Observable<never>;

/** A result that tells of a broken instance becomes an error where another attempt follows. */
const withFaults = (
  replies$: Observable<Reply>,
  goesOn: (fault: GatewayError) => boolean,
): Observable<Reply> =>
  new Observable((subscriber) =>
    replies$.subscribe({
      next(reply) {
        if (reply.kind === 'result' && reply.fault !== undefined && goesOn(reply.fault))
          subscriber.error(reply.fault);
        else subscriber.next(reply);
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    }),
  );

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;

const mayRepeat = (error: GatewayError, repeatable: boolean): boolean =>
  error.notBegun ||
  (repeatable &&
    (error.code === 'ERR_UPSTREAM_FAILED' ||
      error.code === 'ERR_UPSTREAM_BUSY' ||
      error.code === 'ERR_UPSTREAM_SESSION_LOST' ||
      error instanceof GivenUp));
