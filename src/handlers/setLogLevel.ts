import { map } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import type { LogLevel } from '../protocol/mcp.js';
import type { Handler } from '../operators/handle.js';
import { changeSession } from '../streams/changeSession.js';
import { result } from '../streams/reply.js';
import type { SessionStore } from '../streams/sessions.js';

/** `logging/setLevel`: from now on the session's calls bring log messages of that level and above. */
export const setLogLevel =
  (sessions: SessionStore): Handler =>
  ({ message, session }) => {
    if (session === undefined) throw refusal('ERR_SESSION_REQUIRED', 'logging/setLevel belongs to a session');
    // One of the levels: the shape has been checked.
    const logLevel = message.params?.['level'] as LogLevel;
    return changeSession(sessions, session.id, (now) => ({ ...now, logLevel })).pipe(map(() => result({})));
  };
