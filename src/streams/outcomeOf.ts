import type { Outcome } from '../protocol/errors.js';
import type { Reply } from './reply.js';

/** What a call ends with by this reply; undefined for one that more follows. */
export const outcomeOf = (reply: Reply): Outcome | undefined => {
  switch (reply.kind) {
    case 'result':
      return reply.result['isError'] === true ? 'tool_error' : 'success';
    case 'error':
      return reply.error.code === -32602 || reply.error.code === -32601
        ? 'invalid_request'
        : 'upstream_failed';
    case 'accepted':
      return 'success';
    case 'end':
      return 'cancelled';
    case 'open':
    case 'notification':
    case 'ask':
    case 'poll':
    case 'replay':
      return undefined;
  }
};
