import { Observable, Subscription, type SchedulerLike } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import { isFinal, type Reply } from './reply.js';
import { Silences, type Watched } from './silences.js';

/** How a call ended: with a last reply, or an error. */
export type CallEnd = { readonly reply: Reply } | { readonly error: unknown };

export interface ShadowCallsOptions {
  /** Most shadows under way at a time; beyond them calls have none. */
  readonly maxInFlight: number;
  /** Longest time for a shadow, in milliseconds, from the beginning of its call. */
  readonly deadlineMs: number;
  readonly scheduler: SchedulerLike;
}

/** What a call and its shadow ended with; the shadow with nothing where it took too long. Must not throw. */
export type Compared = (call: CallEnd, shadow: CallEnd | undefined) => void;

/**
 * Calls that are made beside others: nobody waits for them, there are only so many, and none takes for ever.
 *
 * ```
 * call      -----r|
 * shadow    -------------s|
 * beside    -----r|              (r and s are compared when s has come)
 * ```
 *
 * Here and not in an operator, because nobody but this subscribes to them.
 */
export class ShadowCalls {
  readonly #options: ShadowCallsOptions;
  readonly #deadlines: Silences;
  #inFlight = 0;

  constructor(options: ShadowCallsOptions) {
    this.#options = options;
    this.#deadlines = new Silences(options.deadlineMs, options.scheduler);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether there is room for one more. */
  get hasRoom(): boolean {
    return this.#inFlight < this.#options.maxInFlight;
  }

  /** The replies of a call, untouched; its shadow begins after it. A call that is left takes its shadow with it. */
  beside(call$: Observable<Reply>, shadow: () => Observable<Reply>, compared: Compared): Observable<Reply> {
    return new Observable((subscriber) => {
      const pair = new Pair(this.#deadlines, compared, () => this.#inFlight--);
      this.#inFlight++;
      subscriber.add(() => pair.left());
      subscriber.add(
        call$.subscribe({
          next: (reply) => {
            if (isFinal(reply)) pair.call ??= { reply };
            subscriber.next(reply);
            // After it has left: nobody waits for this.
            pair.compare();
          },
          error: (error: unknown) => {
            pair.call ??= { error };
            subscriber.error(error);
            pair.compare();
          },
          complete: () => subscriber.complete(),
        }),
      );
      pair.begin(shadow);
    });
  }
}

/** A call and its shadow. */
class Pair implements Watched {
  dueAt = 0;
  /** How the call ended; undefined while it is under way. */
  call: CallEnd | undefined;
  readonly #deadlines: Silences;
  readonly #compared: Compared;
  readonly #over: () => void;
  readonly #shadow = new Subscription();
  #shadowEnd: CallEnd | undefined;
  #isLate = false;
  #isOver = false;

  constructor(deadlines: Silences, compared: Compared, over: () => void) {
    this.#deadlines = deadlines;
    this.#compared = compared;
    this.#over = over;
  }

  begin(shadow: () => Observable<Reply>): void {
    if (this.#isOver) return;
    this.#deadlines.touch(this);
    const ended = (end: CallEnd): void => {
      this.#shadowEnd ??= end;
      this.compare();
    };
    const error = (reason: unknown): void => ended({ error: reason });
    try {
      this.#shadow.add(
        shadow().subscribe({
          next(reply) {
            // It has no client that could be asked.
            if (reply.kind === 'ask') reply.answer({ error: nobodyToAsk().toJsonRpc() });
            if (isFinal(reply)) ended({ reply });
          },
          error,
          complete: () => error(refusal('ERR_UPSTREAM_FAILED', 'The call ended without an answer')),
        }),
      );
    } catch (reason) {
      error(reason);
    }
  }

  late(): void {
    this.#isLate = true;
    this.#shadow.unsubscribe();
    this.compare();
  }

  /** The call is over, for whatever reason; without an answer there is nothing to compare with. */
  left(): void {
    if (this.call === undefined) this.#end();
  }

  compare(): void {
    if (this.call === undefined || (this.#shadowEnd === undefined && !this.#isLate) || this.#isOver) return;
    this.#end();
    this.#compared(this.call, this.#shadowEnd);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#deadlines.end(this);
    this.#shadow.unsubscribe();
    this.#over();
  }
}

const nobodyToAsk = () => refusal('ERR_INPUT_REFUSED', 'There is nobody to be asked in this call');
