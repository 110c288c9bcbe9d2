import { Observable, Subscription, type Subscriber } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import type { CallClock } from './callClock.js';
import type { Exchange } from './exchange.js';
import { Members, type Place } from './members.js';
import { nobody } from './nobody.js';
import { isFinal, type Reply } from './reply.js';
import type { Silences, Watched } from './silences.js';
import { valve } from './valve.js';

export interface SharedCallOptions<E> {
  /** Sends the call, once. */
  readonly send: (exchange: E) => Observable<Reply>;
  /** A reply that is for the first caller alone: with it the others part, and each goes on with what `apart` gives. */
  readonly isPersonal: (reply: Reply) => boolean;
  readonly apart: (exchange: E) => Observable<Reply>;
  /** For how long the call goes on when its last caller, this one, has left; undefined: it ends with it. */
  readonly lingering: (exchange: E) => Silences | undefined;
  /** Nobody joins it any more: it has ended with this or by an error; with neither, it was given up. */
  readonly ended: (last: Reply | undefined, error: unknown) => void;
}

/** One caller of several. */
interface Sharer<E> {
  readonly exchange: E;
  readonly subscriber: Subscriber<Reply>;
  /** Takes it out. */
  readonly leaving: Subscription;
}

/**
 * One call upstream for several callers: each gets its replies, and can leave without ending it for the others.
 *
 * ```
 * the call   n----n--r|
 * first      n----n--r|
 * joined       ---n--r|       what was before it came is not told again
 * ```
 *
 * Nothing is kept but the callers. While all their clients are full the call is held back; while only some are, they miss what is on the
 * way (progress, log messages), and never the answer. What the server asks for is asked of the first caller, and of nobody else.
 */
export class SharedCall<E extends Exchange> implements Watched {
  dueAt = 0;
  readonly #options: SharedCallOptions<E>;
  readonly #first: E;
  readonly #sharers = new Members<Sharer<E>>();
  readonly #valve = valve();
  readonly #upstream = new Subscription();
  #isOver = false;
  #last: Reply | undefined;
  #lingers: Silences | undefined;

  /** @param first whose call it is, as far as the server is told: its subscription to what {@link join} gives sends it */
  constructor(first: E, options: SharedCallOptions<E>) {
    this.#first = first;
    this.#options = options;
  }

  /** How many callers wait for it. */
  get size(): number {
    return this.#sharers.size;
  }

  /** Whether another one may rely on it: its time does not run out long before the other's. */
  lastsFor({ clock }: Exchange): boolean {
    const own = this.#first.clock;
    if (own === undefined || clock === undefined) return true;
    const now = Date.now();
    return own.deadlineAt - now >= (clock.deadlineAt - now) / 2;
  }

  /** The replies from now on, as one more caller gets them. */
  join(exchange: E): Observable<Reply> {
    return new Observable((subscriber) => {
      if (this.#isOver) return this.#options.apart(exchange).subscribe(subscriber);
      const leaving = new Subscription();
      const sharer: Sharer<E> = { exchange, subscriber, leaving };
      this.#lingers?.end(this);
      const place = this.#sharers.add(sharer);
      const look = (): void => this.#look();
      leaving.add(exchange.outlet.valve.attach({ pause: look, resume: look }));
      leaving.add(() => place.leave());
      subscriber.add(() => this.#leave(place));
      look();
      if (exchange === this.#first) this.#begin();
      return undefined;
    });
  }

  /** Nobody has waited for it for so long: its fate stays unknown. */
  late(): void {
    this.#end(refusal('ERR_UPSTREAM_TIMEOUT', 'The call had not ended long after its caller had left'));
    this.#upstream.unsubscribe();
  }

  #begin(): void {
    const { clock } = this.#first;
    const shared = {
      ...this.#first,
      outlet: nobody(this.#valve),
      clock: clock && this.#clock(clock.deadlineAt),
    };
    this.#upstream.add(() => this.#end());
    const error = (reason: unknown): void => {
      this.#end(reason);
      for (const { subscriber } of this.#sharers) subscriber.error(reason);
    };
    try {
      this.#upstream.add(
        this.#options.send(shared).subscribe({
          next: (reply) => this.#take(reply),
          error,
          complete: () => {
            this.#end();
            for (const { subscriber } of this.#sharers) subscriber.complete();
          },
        }),
      );
    } catch (reason) {
      error(reason);
    }
  }

  #end(error?: unknown): void {
    this.#lingers?.end(this);
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.ended(this.#last, error);
  }

  #take(reply: Reply): void {
    if (isFinal(reply)) {
      this.#last = reply;
      // Told before it is delivered: who comes because of it does not find a call that is over.
      this.#end();
    }
    if (this.#options.isPersonal(reply)) this.#part();
    if (reply.kind === 'ask') return this.#ask(reply);
    const isLosable = reply.kind === 'notification' && this.#sharers.size > 1;
    for (const { exchange, subscriber } of this.#sharers) {
      if (isFinal(reply)) exchange.notes.instance ??= this.#first.notes.instance;
      if (!isLosable || exchange.outlet.valve.open) subscriber.next(reply);
    }
  }

  #ask(ask: Extract<Reply, { kind: 'ask' }>): void {
    for (const { exchange, subscriber } of this.#sharers)
      if (exchange === this.#first) return subscriber.next(ask);
    ask.answer({ error: refusal('ERR_INPUT_REFUSED', 'Who made this call has left').toJsonRpc() });
  }

  /** Lets all but the first go their own ways. */
  #part(): void {
    this.#end();
    for (const { exchange, subscriber, leaving } of this.#sharers) {
      if (exchange === this.#first) continue;
      leaving.unsubscribe();
      subscriber.add(this.#options.apart(exchange).subscribe(subscriber));
    }
    if (this.#sharers.size === 0) this.#upstream.unsubscribe();
  }

  #leave({ taken, item: { exchange, leaving } }: Place<Sharer<E>>): void {
    // It had parted before.
    if (!taken) return;
    leaving.unsubscribe();
    if (this.#sharers.size > 0) return this.#look();
    this.#lingers = this.#isOver ? undefined : this.#options.lingering(exchange);
    if (this.#lingers === undefined) return this.#upstream.unsubscribe();
    this.#valve.resume();
    this.#lingers.touch(this);
  }

  #look(): void {
    let isOpen = false;
    for (const { exchange } of this.#sharers) isOpen ||= exchange.outlet.valve.open;
    if (isOpen) this.#valve.resume();
    else this.#valve.pause();
  }

  /** The wait for a place at the server is no silence of it, for none of the callers. */
  #clock(deadlineAt: number): CallClock {
    return {
      deadlineAt,
      hold: () => {
        for (const { exchange } of this.#sharers) exchange.clock?.hold();
      },
      goOn: () => {
        for (const { exchange } of this.#sharers) exchange.clock?.goOn();
      },
    };
  }
}
