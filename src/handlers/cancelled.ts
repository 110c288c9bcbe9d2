import { isRequestId } from '../protocol/jsonrpc.js';
import type { Handler } from '../operators/handle.js';
import type { LiveCalls } from '../streams/liveCalls.js';
import { accepted } from '../streams/reply.js';

/** `notifications/cancelled` of the 2025 era: ends the session's call of that id, at its backend too. */
export const cancelled =
  (calls: LiveCalls): Handler =>
  ({ message, session }) => {
    const id = message.params?.['requestId'];
    if (session !== undefined && isRequestId(id)) calls.cancel(session.id, id);
    return accepted;
  };
