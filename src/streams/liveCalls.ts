import { Subject, type Observable, type Subscription } from 'rxjs';
import { limits } from '../config/limits.js';
import { isRequest, type RequestId } from '../protocol/jsonrpc.js';
import { internalMethods, listenMethod } from '../protocol/methods.js';
import type { Exchange } from './exchange.js';
import { Members, type Place } from './members.js';
import { end } from './reply.js';

/** One call in progress. */
export interface LiveCall {
  readonly exchange: Exchange;
  readonly subscription: Subscription;
  /** Where it stands; {@link LiveCalls} alone writes it. */
  places?: readonly Place<LiveCall>[] | undefined;
}

/**
 * The calls in progress: for draining, for `notifications/cancelled`, for the end of a session.
 *
 * A list of all and one per session rather than one shared Subject: adding and removing cost 0.25 µs however many there are.
 */
export class LiveCalls {
  readonly #all = new Members<LiveCall>();
  readonly #bySession = new Map<string, Members<LiveCall>>();
  readonly #idleWaiters: (() => void)[] = [];
  #pending = 0;
  #listening = 0;
  readonly #closing = new Subject<void>();

  get size(): number {
    return this.#all.size;
  }

  /** Those that are under way, standing streams too. */
  *exchanges(): Generator<Exchange> {
    for (const { exchange } of this.#all) yield exchange;
  }

  add(call: LiveCall): void {
    const place = this.#all.add(call);
    call.places = [place];
    if (isStanding(call)) this.#listening++;
    else if (isRequest(call.exchange.message)) this.#pending++;
    const { sessionId } = call.exchange.origin;
    if (sessionId === undefined) return;
    let calls = this.#bySession.get(sessionId);
    if (calls === undefined) this.#bySession.set(sessionId, (calls = new Members<LiveCall>()));
    call.places = [place, calls.add(call)];
  }

  remove(call: LiveCall): void {
    if (call.places === undefined) return;
    for (const place of call.places) place.leave();
    call.places = undefined;
    if (isStanding(call)) this.#listening--;
    else if (isRequest(call.exchange.message) && --this.#pending === 0)
      for (const resolve of this.#idleWaiters.splice(0)) resolve();
    const { sessionId } = call.exchange.origin;
    if (sessionId !== undefined && this.#bySession.get(sessionId)?.size === 0)
      this.#bySession.delete(sessionId);
  }

  /** Cancels a session's call by its request id. False for an unknown id. */
  cancel(sessionId: string, id: RequestId): boolean {
    // All of that id: a client that gives one id twice means both when it cancels. The id's type is part of it.
    const meant = [...(this.#bySession.get(sessionId) ?? [])].filter(
      ({ exchange }) => exchange.message.id === id,
    );
    for (const call of meant) this.#stop(call);
    return meant.length > 0;
  }

  /** Whether the session has another call of that method open. */
  has(sessionId: string, method: string, except: Exchange): boolean {
    for (const { exchange } of this.#bySession.get(sessionId) ?? [])
      // Stages pass copies on; the notes are what all copies of one exchange share.
      if (isOf(exchange, method) && exchange.notes !== except.notes) return true;
    return false;
  }

  /** Ends the session's calls of that method whose clients are away: nobody will come back for them. */
  endAway(sessionId: string, method: string): void {
    for (const call of this.#bySession.get(sessionId) ?? [])
      if (isOf(call.exchange, method) && call.exchange.outlet.away === true) this.#stop(call);
  }

  /**
   * Ends the connections of sessions' streams of that method, not the streams: their clients come back for them, elsewhere.
   *
   * @returns the sessions
   */
  letGo(method: string): readonly string[] {
    return [...this.#all].flatMap(({ exchange }) => {
      const { outlet, origin } = exchange;
      if (!isOf(exchange, method) || outlet.away === true || origin.sessionId === undefined) return [];
      outlet.next({ kind: 'poll', retryMs: limits.reconnectMs });
      // Not one whose client can't come back, or reads slowly.
      return isAway(outlet) ? [origin.sessionId] : [];
    });
  }

  /** Ends all that belongs to a session, but for the `DELETE` that ended it: it is still owed its answer. */
  endSession(sessionId: string): void {
    for (const call of this.#bySession.get(sessionId) ?? [])
      if (call.exchange.message.method !== internalMethods.end) this.#stop(call);
  }

  /** Ends the session's standing streams: another instance has them now. Its requests go on to their ends, as nobody else can answer. */
  endStreams(sessionId: string): void {
    for (const call of this.#bySession.get(sessionId) ?? [])
      if (isOf(call.exchange, internalMethods.stream)) this.#stop(call);
  }

  /** Ends everything. */
  endAll(): void {
    for (const call of this.#all) this.#stop(call);
  }

  /** Requests in flight, standing streams not counted: what draining waits for. */
  get pending(): number {
    return this.#pending;
  }

  /** Open `subscriptions/listen`: requests that nobody waits for. */
  get listening(): number {
    return this.#listening;
  }

  /** Emits when open listen streams are to end, each with its result. */
  get closing$(): Observable<void> {
    return this.#closing.asObservable();
  }

  /** Ends all listen streams in an orderly way. */
  endListening(): void {
    this.#closing.next();
  }

  /** Resolves when no request is in flight. */
  whenIdle(): Promise<void> {
    return this.#pending === 0
      ? Promise.resolve()
      : new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  #stop(call: LiveCall): void {
    this.remove(call);
    call.exchange.notes.outcome = 'cancelled';
    call.subscription.unsubscribe();
    call.exchange.outlet.next(end);
    call.exchange.outlet.complete();
  }
}

const isAway = ({ away }: Exchange['outlet']): boolean => away === true;
const isOf = ({ message, notes }: Exchange, method: string): boolean =>
  (notes.goesOnAs ?? message.method) === method;
const isStanding = ({ exchange }: LiveCall): boolean => exchange.message.method === listenMethod;
