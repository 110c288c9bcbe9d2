import type { Strategy } from './strategy.js';

/** As configured: the first takes all calls while it is well. */
export const failover = (): Strategy => (candidates) => candidates;
