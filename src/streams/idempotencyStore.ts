import type { Prompt } from './sessions.js';

/** What is known of a call that was made with an idempotency key. */
export interface KnownCall {
  /** Of what was asked: method, name, arguments. */
  readonly digest: string;
  /** How it ended, as text; undefined while it is under way. `''` where it has ended and its answer was not kept. */
  readonly answer: string | undefined;
}

export interface BegunCall {
  readonly digest: string;
  /** Whose key it is: each caller may have so many. */
  readonly caller: string;
  /** How long it is known, from now on, in milliseconds; a call that is under way should be known for as long as that is. */
  readonly ttlMs: number;
}

/**
 * Remembers which calls were made with which key. To hold for several instances of the gateway it has to be one for all of them, and
 * {@link begin} atomic.
 */
export interface IdempotencyStore {
  /**
   * Takes note that a call begins, unless one with this key is known.
   *
   * @param key a digest; of one caller
   * @returns the call that is known already; undefined if this one is the first. Errors with `ERR_KEYS_EXHAUSTED` where there is no
   *   room: a key is never forgotten before its time to make some
   */
  begin(key: string, call: BegunCall): Prompt<KnownCall | undefined>;
  /** Keeps how the call ended; `''` for an answer that is too large. Must not throw: what goes wrong is the store's to tell. */
  settle(key: string, answer: string): void;
  /** Forgets a call of which nothing has been done. Must not throw. */
  forget(key: string): void;
}
