import { Observable, Subscription, type SchedulerLike, type Subscriber } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import type { JsonRpcError, Result } from '../protocol/jsonrpc.js';
import type { CallClock } from './callClock.js';
import type { Exchange } from './exchange.js';
import { isPersonal } from './isPersonal.js';
import { Marks } from './marks.js';
import { nobody } from './nobody.js';
import { isFinal, result, type Reply } from './reply.js';

/** The answer to one of several calls. */
export type Part = Result | { readonly error: JsonRpcError };

export interface CallBatchOptions<E> {
  /** Makes one call of several; undefined where it can't be done, and each is made for itself. */
  readonly together: (calls: readonly E[]) => E | undefined;
  /** Parts its result: one part for each call, in their order; undefined for one without an answer. May throw. */
  readonly split: (result: Result, calls: readonly E[]) => readonly (Part | undefined)[];
  readonly send: (exchange: E) => Observable<Reply>;
  /** How long others are waited for, in milliseconds. */
  readonly windowMs: number;
  /** Most calls; with the last of them nobody is waited for. */
  readonly size: number;
  readonly scheduler: SchedulerLike;
  /** Nobody can join any more. */
  readonly closed: () => void;
}

interface Member<E> {
  readonly exchange: E;
  readonly subscriber: Subscriber<Reply>;
}

/**
 * Calls that wait for each other, for a moment, and are made as one. Each gets its own part of the answer, and can leave without ending
 * it for the others.
 *
 * ```
 * first     a---------r1|
 * second     b--------r2|
 * the call   ---ab----R|       when the window is over, or the last place is taken
 * ```
 */
export class CallBatch<E extends Exchange> {
  readonly #options: CallBatchOptions<E>;
  readonly #window: Subscription;
  readonly #upstream = new Subscription();
  #members: Member<E>[] = [];
  #isClosed = false;

  constructor(options: CallBatchOptions<E>) {
    this.#options = options;
    this.#window = options.scheduler.schedule(() => this.#close(), options.windowMs);
  }

  /** The replies to a call that is made with the others. To be subscribed at once. */
  join(exchange: E): Observable<Reply> {
    return new Observable((subscriber) => {
      const member = { exchange, subscriber };
      this.#members.push(member);
      subscriber.add(() => this.#leave(member));
      if (this.#members.length === this.#options.size) this.#close();
    });
  }

  #leave(member: Member<E>): void {
    this.#members = this.#members.filter((other) => other !== member);
    if (this.#members.length > 0) return;
    if (this.#isClosed) this.#upstream.unsubscribe();
    else this.#close();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#window.unsubscribe();
    this.#options.closed();
    const members = this.#members;
    if (members.length === 0) return;
    if (members.length === 1) return this.#apart(members);
    const calls = members.map(({ exchange }) => exchange);
    const whole = this.#options.together(calls);
    if (whole === undefined) return this.#apart(members);
    this.#send(
      { ...whole, outlet: nobody(), notes: { ...whole.notes, marks: new Marks() }, clock: clockOf(calls) },
      members,
    );
  }

  /** Each for itself: its own unsubscribing is what ends it. */
  #apart(members: readonly Member<E>[]): void {
    this.#members = [];
    for (const { exchange, subscriber } of members) {
      try {
        subscriber.add(this.#options.send(exchange).subscribe(subscriber));
      } catch (error) {
        subscriber.error(error);
      }
    }
  }

  #send(whole: E, members: readonly Member<E>[]): void {
    const error = (reason: unknown): void => {
      for (const { subscriber } of members) subscriber.error(reason);
    };
    const take = (reply: Reply): void => {
      // Whose question would it be? It has done nothing yet, and each may be asked for itself.
      if (reply.kind === 'result' && isPersonal(reply)) return this.#apart(this.#members);
      if (reply.kind === 'ask') reply.answer({ error: noInput.toJsonRpc() });
      if (isFinal(reply)) this.#part(reply, whole, members);
    };
    try {
      this.#upstream.add(
        this.#options.send(whole).subscribe({ next: take, error, complete: () => error(unanswered()) }),
      );
    } catch (reason) {
      error(reason);
    }
  }

  #part(reply: Reply, whole: E, members: readonly Member<E>[]): void {
    let parts: readonly (Reply | undefined)[];
    let cause: unknown;
    try {
      parts = this.#partsOf(reply, members);
    } catch (error) {
      // Whoever wrote `split` did not think of this answer: the log says why, the callers that there is none.
      [parts, cause] = [[], error];
    }
    for (const [index, { exchange, subscriber }] of members.entries()) {
      const part = parts[index];
      exchange.notes.instance = whole.notes.instance;
      exchange.notes.attempts = whole.notes.attempts;
      if (part === undefined) subscriber.error(unanswered(cause));
      else {
        subscriber.next(part);
        subscriber.complete();
      }
    }
  }

  /** What fails as a whole fails for all. */
  #partsOf(reply: Reply, members: readonly Member<E>[]): readonly (Reply | undefined)[] {
    if (reply.kind !== 'result' || reply.result['isError'] === true) return members.map(() => reply);
    const calls = members.map(({ exchange }) => exchange);
    const parts = this.#options.split(reply.result, calls);
    if (parts.length !== calls.length)
      throw new RangeError(`split gave ${parts.length} parts for ${calls.length} calls`);
    return parts.map((part) => part && replyOf(part));
  }
}

const replyOf = (part: Part): Reply =>
  'error' in part && !('content' in part)
    ? { kind: 'error', error: part.error as JsonRpcError }
    : result(part);

const noInput = refusal(
  'ERR_INPUT_UNSUPPORTED',
  'A call that is made for several callers can ask none of them',
);

const unanswered = (cause?: unknown) =>
  refusal('ERR_UPSTREAM_FAILED', 'The backend gave no answer to this call among several', { cause });

/** As long as the last of them may take; a wait that is no silence of the server is none for any of them. */
const clockOf = (calls: readonly Exchange[]): CallClock | undefined => {
  const clocks = calls.flatMap(({ clock }) => clock ?? []);
  if (clocks.length < calls.length) return undefined;
  return {
    deadlineAt: Math.max(...clocks.map(({ deadlineAt }) => deadlineAt)),
    hold: () => clocks.forEach((clock) => clock.hold()),
    goOn: () => clocks.forEach((clock) => clock.goOn()),
  };
};
