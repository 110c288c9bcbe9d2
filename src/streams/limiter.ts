import { concatMap, isObservable, type Observable } from 'rxjs';
import { exhausted } from '../protocol/exhausted.js';
import { rateLimitHeaders } from '../protocol/rateLimitHeaders.js';
import type { Counters, Taken } from './counters.js';
import type { Exchange } from './exchange.js';
import { prompted } from './prompted.js';
import type { Claim } from './rateLimits.js';
import type { Prompt } from './sessions.js';

/** Counts how often somebody does something, and refuses what is too often. */
export interface Limiter {
  /**
   * Lets an exchange pass that has room in all the limits it has to pass, and tells its client how they stand.
   *
   * @returns the exchange; at once where counting takes no waiting
   * @throws GatewayError `ERR_RATE_LIMITED` or `ERR_QUOTA_EXCEEDED`, or the Observable errors with it
   */
  pass<E extends Exchange>(exchange: E, claims: readonly Claim[]): Prompt<E>;
}

/** @param counters where it is counted: here, or for all instances together */
export const limiter = (counters: Counters): Limiter => {
  const pass = <E extends Exchange>(exchange: E, claims: readonly Claim[], from = 0): E | Observable<E> => {
    for (let index = from; index < claims.length; index++) {
      const claim = claims[index] as Claim;
      const taken = counters.take(claim.key, 1, claim.limit);
      if (isObservable(taken))
        return taken.pipe(
          concatMap((given) => {
            settle(exchange, claim, given);
            return prompted(pass(exchange, claims, index + 1));
          }),
        );
      settle(exchange, claim, taken);
    }
    return exchange;
  };
  return { pass: (exchange, claims) => pass(exchange, claims) };
};

/** Tells the client how the limit stands, and refuses what it has no room for. */
const settle = ({ outlet }: Exchange, claim: Claim, { allowed, left, retryMs, fullMs }: Taken): void => {
  const { name, by, limit, isQuota } = claim;
  const { max, windowMs } = limit;
  outlet.announce?.(rateLimitHeaders({ name, max, windowMs, left, resetMs: allowed ? fullMs : retryMs }));
  if (allowed) return;
  const code = isQuota ? 'ERR_QUOTA_EXCEEDED' : 'ERR_RATE_LIMITED';
  const message = isQuota ? 'The quota is used up: wait for the next one' : 'Too many requests: slow down';
  throw exhausted(code, message, {
    limit: name,
    max,
    retryAfter: Math.max(1, Math.ceil(retryMs / 1000)),
    more: { by, remaining: left, retryAfterMs: retryMs },
  });
};
