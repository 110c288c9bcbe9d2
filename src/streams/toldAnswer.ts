import type { Result } from '../protocol/jsonrpc.js';
import { metaOf } from '../protocol/mcp.js';
import { cacheableMethods } from '../protocol/methods.js';
import type { KeptAnswer } from './answers.js';
import type { Authenticated, Authorized, Exchange, Redacting } from './exchange.js';

/** Key of `_meta` under which an answer says that it was remembered: how old it is and how long it is good, in milliseconds. */
const cacheKey = 'io.sluice/cache';

type Call = Exchange & Authenticated & Partial<Authorized & Redacting>;

/**
 * An answer with what its client is told of its freshness, where the method has words for that (2026-07-28). Public it is only for a client
 * that has not said who it is, and of which no policy or redaction has made it something of its own.
 */
export const toldAnswer = (
  result: Result,
  { message, principal, decision, redaction }: Call,
  ttlMs: number,
  isPublic: boolean,
): Result => {
  if (!cacheableMethods.has(message.method)) return result;
  const isForAll =
    isPublic &&
    principal.anonymous === true &&
    redaction === undefined &&
    (decision === undefined || decision.policy === 'none');
  return { ...result, ttlMs, cacheScope: isForAll ? 'public' : 'private' };
};

/** A remembered answer as it is told. @param ttlMs how long it is good from when it came */
export const rememberedAnswer = (
  { text, at }: KeptAnswer,
  exchange: Call,
  { ttlMs, isPublic, now }: { readonly ttlMs: number; readonly isPublic: boolean; readonly now: number },
): Result => {
  const result = JSON.parse(text) as Result;
  // Clocks of instances that share answers differ.
  const ageMs = Math.max(0, now - at);
  const leftMs = Math.max(0, ttlMs - ageMs);
  return {
    ...toldAnswer(result, exchange, leftMs, isPublic),
    _meta: { ...metaOf(result), [cacheKey]: { ageMs, ttlMs: leftMs } },
  };
};
