import type { Authenticated } from '../streams/exchange.js';
import type { Limiter } from '../streams/limiter.js';
import type { RateLimits } from '../streams/rateLimits.js';
import { stage } from '../streams/stage.js';

/**
 * Bounds how often a caller sends anything at all.
 *
 * > By identity, never by session: who initializes anew finds his limit as he left it.
 *
 * ```
 * calls                     --a--b-----c--|
 * limitRate (2 a second)    --a--b-----#        c is one too many: ERR_RATE_LIMITED (429)
 * ```
 *
 * @see {@link limitCalls} which bounds calls by what is called
 */
export const limitRate = (rates: RateLimits, limiter: Limiter) =>
  stage<Authenticated, unknown>((exchange) => limiter.pass(exchange, rates.ofMessage(exchange)));
