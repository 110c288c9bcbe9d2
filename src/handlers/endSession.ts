import { isObservable, map } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import type { Handler } from '../operators/handle.js';
import type { LiveCalls } from '../streams/liveCalls.js';
import type { AcceptedReply } from '../streams/reply.js';
import type { SessionStore } from '../streams/sessions.js';

const ended: AcceptedReply = { kind: 'accepted', status: 204 };

/** `DELETE`: the client ends its session, and with it the calls and streams that are still open. */
export const endSession =
  (sessions: SessionStore, calls: LiveCalls): Handler =>
  ({ session }) => {
    if (session === undefined)
      throw refusal('ERR_METHOD_NOT_ALLOWED', 'This revision has no sessions', {
        headers: { allow: 'POST' },
      });
    calls.endSession(session.id);
    const deleted = sessions.delete(session.id);
    return isObservable(deleted) ? deleted.pipe(map(() => ended)) : ended;
  };
