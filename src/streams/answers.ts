/** Answers of servers that are remembered, by one instance or by several that share them. */
import type { Prompt } from './sessions.js';

/** An answer as its server gave it. */
export interface KeptAnswer {
  /** The result, as JSON: nobody can change what others will be given, and its size is known. */
  readonly text: string;
  /** Epoch milliseconds at which it came. */
  readonly at: number;
  /** How long it is good from then. */
  readonly ttlMs: number;
}

/** What is there under some keys. */
export interface Found {
  readonly answer: KeptAnswer | undefined;
  /** The key that it was found under. */
  readonly key: string | undefined;
  /** How the tags stood at this moment. */
  readonly stamp: string;
}

/** Nothing, and nothing that can be kept either. */
export const nowhere: Found = Object.freeze({ answer: undefined, key: undefined, stamp: '' });

/** Where answers are remembered. It may forget any of them at any time. */
export interface AnswerStore {
  /**
   * What is remembered under the first of these keys that has something. Never an error: a store that can't be asked knows
   * nothing.
   *
   * @param keys digests (see answerKeys.ts)
   * @param tags what the answer is about: one that was kept before one of them was forgotten is not there
   */
  find(keys: readonly string[], tags: readonly string[]): Prompt<Found>;
  /**
   * Remembers an answer, unless one of its tags has been forgotten since.
   *
   * @param found what was found when it was asked for: nothing
   */
  keep(key: string, tags: readonly string[], answer: KeptAnswer, found: Found): void;
  /** Forgets all that is about one of these. */
  forget(tags: readonly string[]): void;
  /** How much this process holds. */
  readonly held: { readonly answers: number; readonly bytes: number; readonly pushedOut: number };
  close(): void;
}
