import type { CacheRule } from '../config/cacheSettings.js';
import type { Result } from '../protocol/jsonrpc.js';

/** What becomes of an answer. */
export interface Freshness {
  /** How long it is good, in milliseconds; 0 for not at all. */
  readonly ttlMs: number;
  readonly isPublic: boolean;
}

/**
 * How long an answer is good and whom it is for (2026-07-28: `ttlMs`, `cacheScope`): never longer than its server says, and for one
 * caller only where it says so, or says what can't be understood. Where it says nothing the rule does.
 */
export const freshFor = ({ ttlMs: said, cacheScope }: Result, rule: CacheRule): Freshness => ({
  ttlMs:
    said === undefined ? rule.ttlMs : Math.min(rule.ttlMs, typeof said === 'number' && said > 0 ? said : 0),
  isPublic: (cacheScope ?? rule.scope) === 'public',
});
