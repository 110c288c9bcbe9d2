import { defer, finalize, type Observable } from 'rxjs';
import { limits } from '../../config/limits.js';
import { exhausted } from '../../protocol/exhausted.js';
import type { Caller } from '../../streams/caller.js';
import { callerIdentity } from '../../streams/callerIdentity.js';

export interface CallerPoolOptions<T> {
  /**
   * Makes what one caller has.
   *
   * @param key names the caller (see callerIdentity.ts)
   * @param caller the caller as it came last; undefined while none of its calls is under way: what it came with is not kept
   */
  readonly make: (key: string, caller: () => Caller | undefined, principalId: string) => T;
  readonly close: (member: T) => void;
  /** Most callers at a time; the one longest away gives way. */
  readonly max?: number;
  /** What a caller has is let go when it has not called for so long, in milliseconds. */
  readonly idleMs?: number;
}

interface Seat<T> {
  readonly member: T;
  caller: Caller | undefined;
  inUse: number;
  usedAt: number;
}

/** Something that each caller has for itself, made when it first calls and kept for a while. */
export class CallerPool<T> {
  readonly #options: Required<CallerPoolOptions<T>>;
  /** In the order of use. */
  readonly #seats = new Map<string, Seat<T>>();
  #sweeping: NodeJS.Timeout | undefined;

  constructor(options: CallerPoolOptions<T>) {
    this.#options = { max: limits.callersPerServer, idleMs: limits.callerIdleMs, ...options };
  }

  /** Does something with what a caller has. Errors: those of `work`; `ERR_SERVER_EXHAUSTED` where all are in use. */
  use<R>(caller: Caller, work: (member: T) => Observable<R>): Observable<R> {
    return defer(() => {
      const seat = this.#take(caller);
      seat.inUse++;
      seat.caller = caller;
      return work(seat.member).pipe(finalize(() => this.#release(seat)));
    });
  }

  /** Takes all away; they are the caller's to close. */
  clear(): readonly T[] {
    clearTimeout(this.#sweeping);
    const members = [...this.#seats.values()].map(({ member }) => member);
    this.#seats.clear();
    return members;
  }

  #take(caller: Caller): Seat<T> {
    const key = callerIdentity(caller);
    const known = this.#seats.get(key);
    if (known === undefined) this.#makeRoom();
    const seat = known ?? this.#seat(key, caller.principal.id);
    this.#seats.delete(key);
    this.#seats.set(key, seat);
    return seat;
  }

  #seat(key: string, principalId: string): Seat<T> {
    const seat: Seat<T> = {
      member: this.#options.make(key, () => seat.caller, principalId),
      caller: undefined,
      inUse: 0,
      usedAt: 0,
    };
    return seat;
  }

  #release(seat: Seat<T>): void {
    seat.usedAt = Date.now();
    if (--seat.inUse === 0) seat.caller = undefined;
    this.#schedule(this.#options.idleMs);
  }

  #makeRoom(): void {
    const { max, close } = this.#options;
    if (this.#seats.size < max) return;
    for (const [id, { inUse, member }] of this.#seats) {
      if (inUse > 0) continue;
      this.#seats.delete(id);
      return close(member);
    }
    throw exhausted('ERR_SERVER_EXHAUSTED', 'Too many callers use this server at once: try again later', {
      limit: 'callers of one server',
      max,
    });
  }

  #schedule(ms: number): void {
    this.#sweeping ??= setTimeout(() => this.#sweep(), ms).unref();
  }

  #sweep(): void {
    this.#sweeping = undefined;
    const { idleMs, close } = this.#options;
    const now = Date.now();
    for (const [id, { inUse, usedAt, member }] of this.#seats) {
      if (inUse > 0 || now < usedAt + idleMs) continue;
      this.#seats.delete(id);
      close(member);
    }
    if (this.#seats.size > 0) this.#schedule(idleMs);
  }
}
