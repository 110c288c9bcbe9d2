import { concat, of } from 'rxjs';
import { isRequestId } from '../protocol/jsonrpc.js';
import type { Handler } from '../operators/handle.js';
import type { LiveCalls } from '../streams/liveCalls.js';
import type { Peers } from '../streams/peers.js';
import { accepted } from '../streams/reply.js';

/**
 * `notifications/cancelled` of the 2025 era: ends the session's call of that id, at its backend too. An id that is unknown here may be one
 * of an instance that is leaving; if it is not, it is ignored, as the specification wants.
 */
export const cancelled =
  (calls: LiveCalls, peers?: Peers): Handler =>
  ({ message, origin, session }) => {
    const id = message.params?.['requestId'];
    if (session === undefined || !isRequestId(id) || calls.cancel(session.id, id) || peers === undefined)
      return accepted;
    return concat(peers.tellLeaving(origin, message), of(accepted));
  };
