import { Observable, type Subscriber } from 'rxjs';
import type { ConcurrencySettings } from '../config/timeSettings.js';
import { exhausted } from '../protocol/exhausted.js';
import type { GatewayError } from '../protocol/errors.js';
import type { CallClock } from './callClock.js';
import type { SilenceQueues } from './silenceQueues.js';
import type { Watched } from './silences.js';

/**
 * Lets so many calls through to one server at a time; the next ones wait in turn, as many as may and for as long as they may.
 *
 * ```
 * first     ^-------r|
 * second    .(waits)^---r|       max 1
 * third     #                    queue 1: it is full
 * ```
 *
 * A place is held until the call has ended, however long its stream is. Who leaves while waiting is forgotten at once.
 */
export class Bulkhead {
  readonly #queues: SilenceQueues;
  readonly #emptied: () => void;
  /** A Set keeps the order of arrival, and lets anyone leave at no cost. */
  readonly #waiting = new Set<Waiting>();
  #inFlight = 0;
  #admitting = false;

  /** @param emptied called when nobody is in it any more */
  constructor(queues: SilenceQueues, emptied: () => void) {
    this.#queues = queues;
    this.#emptied = emptied;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get queued(): number {
    return this.#waiting.size;
  }

  /**
   * A call, when there is room for it. Errors: `ERR_SERVER_BUSY` when there is none, not even to wait, or none in time.
   *
   * @param clock the call's: waiting here is no silence of its backend
   */
  pass<T>(
    settings: ConcurrencySettings,
    send: () => Observable<T>,
    clock: CallClock | undefined,
  ): Observable<T> {
    return new Observable((subscriber) => {
      if (this.#inFlight < settings.max && this.#waiting.size === 0) return this.#enter(send, subscriber);
      if (this.#waiting.size >= settings.queue) throw full(settings);
      this.#wait(settings, send, subscriber, clock);
      return undefined;
    });
  }

  #enter<T>(send: () => Observable<T>, subscriber: Subscriber<T>): void {
    this.#inFlight++;
    subscriber.add(() => {
      this.#inFlight--;
      this.#admit();
    });
    let replies: Observable<T>;
    try {
      replies = send();
    } catch (error) {
      return subscriber.error(error);
    }
    replies.subscribe(subscriber);
  }

  #wait<T>(
    { max, waitMs }: ConcurrencySettings,
    send: () => Observable<T>,
    subscriber: Subscriber<T>,
    clock: CallClock | undefined,
  ): void {
    const queue = this.#queues.of(waitMs);
    const waiting: Waiting = {
      dueAt: 0,
      max,
      late: () => subscriber.error(tooLate(waitMs)),
      enter: () => {
        leave();
        clock?.goOn();
        this.#enter(send, subscriber);
      },
    };
    const leave = (): void => {
      queue.end(waiting);
      this.#waiting.delete(waiting);
    };
    subscriber.add(() => {
      leave();
      this.#tellIfEmpty();
    });
    this.#waiting.add(waiting);
    clock?.hold();
    queue.touch(waiting);
  }

  /** In a loop and not by recursion: calls may end while they are let in. */
  #admit(): void {
    if (this.#admitting) return;
    this.#admitting = true;
    for (const waiting of this.#waiting) {
      if (this.#inFlight >= waiting.max) break;
      waiting.enter();
    }
    this.#admitting = false;
    this.#tellIfEmpty();
  }

  #tellIfEmpty(): void {
    if (this.#inFlight === 0 && this.#waiting.size === 0) this.#emptied();
  }
}

interface Waiting extends Watched {
  /** How many may be under way, by the configuration that it came with. */
  readonly max: number;
  enter(): void;
}

const full = ({ queue }: ConcurrencySettings): GatewayError =>
  exhausted('ERR_SERVER_BUSY', 'This server is busy, and as many calls wait for it as may: try again later', {
    limit: 'concurrency.queue',
    max: queue,
  });

const tooLate = (waitMs: number): GatewayError =>
  exhausted(
    'ERR_SERVER_BUSY',
    'This server is busy, and was for as long as a call may wait: try again later',
    {
      limit: 'concurrency.wait',
      max: waitMs,
    },
  );
