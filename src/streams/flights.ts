import { Subject, type Observable } from 'rxjs';
import { limits } from '../config/limits.js';
import type { KeptAnswer } from './answers.js';

/** An answer that has come and is remembered. */
export interface Landed {
  /** The key that it is remembered under. */
  readonly key: string;
  readonly answer: KeptAnswer;
}

/** A call that others may wait for. */
export interface Flight {
  /** Its answer has come. @param landed undefined where it is not remembered */
  land(landed: Landed | undefined): void;
  /** It is over; without an answer, whoever has waited tries in its place. */
  end(): void;
}

/**
 * Calls for answers that are to be remembered: of several for the same one goes, the others wait for what it brings.
 *
 * ```
 * first            -s---------r|      sent, answered
 * second, waiting  ----w------(r|)    the same answer, remembered
 * ```
 *
 * An answer that is not remembered is nobody else's: those who wait for it go by themselves, and for a while nobody waits for the like of it.
 */
export class Flights {
  readonly #now: () => number;
  readonly #under = new Map<string, Subject<Landed | undefined>>();
  /** Until when nobody waits for what could not be remembered. */
  readonly #unkept = new Map<string, number>();

  /** @param now epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Emits once what the call under way brings; `undefined` where there is none to wait for. */
  under(key: string): Observable<Landed | undefined> | undefined {
    const until = this.#unkept.get(key);
    if (until === undefined) return this.#under.get(key)?.asObservable();
    if (until > this.#now()) return undefined;
    this.#unkept.delete(key);
    return this.#under.get(key)?.asObservable();
  }

  /** Begins a call that others wait for, unless there is one. */
  begin(key: string): Flight {
    if (this.#under.has(key)) return unawaited;
    const landed = new Subject<Landed | undefined>();
    this.#under.set(key, landed);
    const tell = (what: Landed | undefined): void => {
      if (this.#under.get(key) !== landed) return;
      this.#under.delete(key);
      landed.next(what);
      landed.complete();
    };
    return {
      land: (what) => {
        if (what === undefined) this.#note(key);
        tell(what);
      },
      end: () => tell(undefined),
    };
  }

  #note(key: string): void {
    const [oldest] = this.#unkept.keys();
    if (this.#unkept.size >= limits.unkeptAnswers && oldest !== undefined) this.#unkept.delete(oldest);
    this.#unkept.set(key, this.#now() + limits.unkeptMs);
  }
}

const unawaited: Flight = { land: () => undefined, end: () => undefined };
