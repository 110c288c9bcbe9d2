import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { exhausted } from '../protocol/exhausted.js';
import type { IdempotencyStore, KnownCall } from '../streams/idempotencyStore.js';
import { positiveInteger } from '../streams/positiveInteger.js';

export interface MemoryIdempotencyOptions {
  /** Most keys that are known at a time. 10 000 by default. */
  readonly maxKeys?: number;
  /** Most of one caller. 1 000 by default. */
  readonly maxKeysPerCaller?: number;
  /** Most characters of all answers that are kept; the oldest are dropped to make room, their keys stay known. 32 Mi by default. */
  readonly maxAnswers?: number;
  /** Time, for tests. */
  readonly scheduler?: SchedulerLike;
}

interface Entry {
  readonly digest: string;
  readonly caller: string;
  readonly expiresAt: number;
  answer: string | undefined;
}

/** Idempotency keys in this process. Every answer is at hand; what has had its time is looked for when there is no room. */
export const memoryIdempotency = ({
  maxKeys = 10_000,
  maxKeysPerCaller = 1000,
  maxAnswers = 32 * 1024 * 1024,
  scheduler = asyncScheduler,
}: MemoryIdempotencyOptions = {}): IdempotencyStore => {
  for (const [name, value] of Object.entries({ maxKeys, maxKeysPerCaller, maxAnswers }))
    positiveInteger(`memoryIdempotency: ${name}`, value);
  const entries = new Map<string, Entry>();
  const ofCallers = new Map<string, number>();
  /** Keys whose answers are kept, the oldest first. */
  const answered = new Set<string>();
  let kept = 0;

  const drop = (key: string, entry: Entry): void => {
    entries.delete(key);
    const left = (ofCallers.get(entry.caller) ?? 1) - 1;
    if (left > 0) ofCallers.set(entry.caller, left);
    else ofCallers.delete(entry.caller);
    if (answered.delete(key)) kept -= entry.answer?.length ?? 0;
  };
  const sweep = (): void => {
    const now = scheduler.now();
    for (const [key, entry] of entries) if (isOver(entry, now)) drop(key, entry);
  };
  const isFull = (caller: string): boolean =>
    entries.size >= maxKeys || (ofCallers.get(caller) ?? 0) >= maxKeysPerCaller;
  let sweptAt = -Infinity;
  const makeRoom = (caller: string): void => {
    if (!isFull(caller)) return;
    // Who asks again and again for room that there is not is not to have all looked through each time.
    if (scheduler.now() - sweptAt >= sweepMs) {
      sweptAt = scheduler.now();
      sweep();
    }
    if (!isFull(caller)) return;
    const ofCaller = entries.size < maxKeys;
    throw exhausted('ERR_KEYS_EXHAUSTED', 'Too many idempotency keys are in use: send the call later', {
      limit: ofCaller ? 'idempotency keys of one caller' : 'idempotency keys',
      max: ofCaller ? maxKeysPerCaller : maxKeys,
      retryAfter: 30,
    });
  };

  return {
    begin(key, { digest, caller, ttlMs }): KnownCall | undefined {
      const known = entries.get(key);
      if (known !== undefined && !isOver(known, scheduler.now())) return known;
      if (known !== undefined) drop(key, known);
      makeRoom(caller);
      entries.set(key, { digest, caller, expiresAt: scheduler.now() + ttlMs, answer: undefined });
      ofCallers.set(caller, (ofCallers.get(caller) ?? 0) + 1);
      return undefined;
    },
    settle(key, answer) {
      const entry = entries.get(key);
      if (entry === undefined) return;
      entry.answer = answer.length > maxAnswers ? '' : answer;
      if (entry.answer === '') return;
      answered.add(key);
      kept += answer.length;
      for (const oldest of answered) {
        if (kept <= maxAnswers) break;
        const old = entries.get(oldest);
        answered.delete(oldest);
        kept -= old?.answer?.length ?? 0;
        if (old !== undefined) old.answer = '';
      }
    },
    forget(key) {
      const entry = entries.get(key);
      if (entry !== undefined) drop(key, entry);
    },
  };
};

/** What is under way is known until it has ended, however short its time is. */
const isOver = ({ expiresAt, answer }: Entry, now: number): boolean =>
  answer !== undefined && expiresAt <= now;

/** How often all is looked through at the most, in milliseconds. */
const sweepMs = 1000;
