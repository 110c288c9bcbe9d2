import type { Authenticated, Resolved } from '../streams/exchange.js';
import type { Limiter } from '../streams/limiter.js';
import type { RateLimits } from '../streams/rateLimits.js';
import { stage } from '../streams/stage.js';

/**
 * Bounds how often a server or a tool is called, and how much a tenant calls in a day.
 *
 * ```
 * calls                      --a--b-----c--|
 * limitCalls (2 a second)    --a--b-----#        c is one too many: ERR_RATE_LIMITED (429)
 * ```
 *
 * Quotas stand behind all other limits: a client that is refused again and again must not use up what its tenant has for the day.
 *
 * @see {@link resolveTool} which must come before
 */
export const limitCalls = (rates: RateLimits, limiter: Limiter) =>
  stage<Authenticated & Resolved, unknown>((exchange) => limiter.pass(exchange, rates.ofCall(exchange)));
