import { Observable, type SchedulerLike, type Subscriber, type Subscription } from 'rxjs';
import type { CallClock } from './callClock.js';
import { isFinal, type Answer, type Reply } from './reply.js';
import type { Silences, Watched } from './silences.js';

/** Which limit has run out: of the first byte, of silence after it, of the client's time to answer, of all of it. */
export type TimeLimit = 'first_byte' | 'idle' | 'ask' | 'total';

export interface PatienceOptions {
  /** Watches the backend's silence before its first reply. */
  readonly first: Silences;
  /** Watches its silence after that. */
  readonly idle: Silences;
  /** Watches the client, while it is asked for something: there may be a person behind it. */
  readonly asking: Silences;
  /** Longest time for all of it, in milliseconds. */
  readonly totalMs: number;
  readonly scheduler: SchedulerLike;
  /** Whether the backend is held back because the client does not read: its silence is not its own then. */
  readonly isPaused: () => boolean;
  /** Makes the error. */
  readonly expired: (limit: TimeLimit) => Error;
}

/**
 * Errors when a backend is silent for too long, where the time in which it waits for the client's answer, or for the client to
 * read, does not count; and when all of it takes too long, where everything counts.
 *
 * ```
 * replies                          --n-----a(answered)---n--------------r
 * patience(idle 5, asking 20)      --n-----a-------------n----#
 * ```
 *
 * @param send what is watched; told of its time
 */
export const patience = (
  send: (clock: CallClock) => Observable<Reply>,
  options: PatienceOptions,
): Observable<Reply> =>
  new Observable((subscriber) => {
    const call = new PatientCall(subscriber, options);
    subscriber.add(() => call.end());
    call.wait();
    return send(call).subscribe({
      next: (reply) => call.take(reply),
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    });
  });

/** One call: on the queue of the limit that holds for it now. */
class PatientCall implements Watched, CallClock {
  dueAt = 0;
  place: Watched['place'];
  readonly deadlineAt: number;
  readonly #client: Subscriber<Reply>;
  readonly #options: PatienceOptions;
  #queue: Silences | undefined;
  #begun = false;
  #asks = 0;
  #holds = 0;
  #alarm: Subscription | undefined;

  constructor(client: Subscriber<Reply>, options: PatienceOptions) {
    this.#client = client;
    this.#options = options;
    this.deadlineAt = options.scheduler.now() + options.totalMs;
  }

  take(reply: Reply): void {
    if (isFinal(reply)) return this.#client.next(reply);
    this.#begun = true;
    const passed = reply.kind === 'ask' ? { ...reply, answer: this.#counted(reply.answer) } : reply;
    // While the client is asked, nothing the backend says gives it more time: only the next question does.
    if (this.#asks === 0 || reply.kind === 'ask') this.wait();
    this.#client.next(passed);
  }

  hold(): void {
    this.#holds++;
    this.wait();
  }

  goOn(): void {
    this.#holds--;
    this.wait();
  }

  late(): void {
    const { scheduler, isPaused } = this.#options;
    this.#queue = undefined;
    if (isPaused() && scheduler.now() < this.deadlineAt) this.wait();
    else this.#fail();
  }

  /** Begins to wait anew. */
  wait(): void {
    if (this.#client.closed) return;
    const queue = this.#queueNow();
    const leftMs = this.deadlineAt - this.#options.scheduler.now();
    // A timer of its own only for a call that lives long enough to meet its end: a timer a call costs 2 µs.
    const meetsEnd = queue === undefined || queue.ms > leftMs;
    if (this.#queue !== undefined && (meetsEnd || this.#queue !== queue)) this.#queue.end(this);
    this.#queue = meetsEnd ? undefined : queue;
    this.#queue?.touch(this);
    if (meetsEnd) this.#alarm ??= this.#options.scheduler.schedule(() => this.#fail(), Math.max(0, leftMs));
  }

  end(): void {
    this.#queue?.end(this);
    this.#alarm?.unsubscribe();
  }

  #queueNow(): Silences | undefined {
    if (this.#holds > 0) return undefined;
    const { first, idle, asking } = this.#options;
    if (this.#asks > 0) return asking;
    return this.#begun ? idle : first;
  }

  #fail(): void {
    const { scheduler, expired } = this.#options;
    const silent = this.#begun ? 'idle' : 'first_byte';
    if (scheduler.now() >= this.deadlineAt) this.#client.error(expired('total'));
    else this.#client.error(expired(this.#asks > 0 ? 'ask' : silent));
  }

  #counted(answer: (given: Answer) => void): (given: Answer) => void {
    let open = true;
    this.#asks++;
    return (given) => {
      if (!open) return;
      open = false;
      this.#asks--;
      this.wait();
      answer(given);
    };
  }
}
