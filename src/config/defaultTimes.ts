import { limits } from './limits.js';
import type { RawConfig } from './schema.js';
import { toTimes, type CallTimes } from './toTimes.js';

/** The limits of calls to servers that say nothing themselves. */
export const defaultTimes = (
  timeouts: NonNullable<RawConfig['timeouts']>,
): CallTimes & { readonly timeoutMs: number } => ({
  timeoutMs: limits.callTimeoutMs,
  ...toTimes(
    { ...(timeouts.call !== undefined && { timeout: timeouts.call }), timeouts },
    { timeoutMs: limits.callTimeoutMs },
  ),
});
