import type { Settings } from '../config/settings.js';
import type { Limits } from '../operators/within.js';
import { givenTime } from '../protocol/givenTime.js';
import { metaOf } from '../protocol/mcp.js';
import { remaining } from '../protocol/remaining.js';
import type { Exchange, Resolved } from '../streams/exchange.js';

/** The time limits of a call: of its tool, its server, or all, and what its client gives it. */
export const limitsOf =
  ({ maxCallMs, state }: Pick<Settings, 'maxCallMs' | 'state'>) =>
  ({ target, origin, message }: Exchange & Resolved): Limits => {
    const { timeoutMs, times } = target;
    return {
      firstByteMs: times?.firstByteMs ?? timeoutMs,
      idleMs: timeoutMs,
      askMs: state.ttlMs,
      totalMs: Math.min(times?.totalMs ?? maxCallMs, maxCallMs),
      givenMs: givenTime(
        metaOf(message.params),
        // Only there a header belongs to one message.
        origin.transport === 'http' ? origin.headers[remaining.header] : undefined,
      ),
    };
  };
