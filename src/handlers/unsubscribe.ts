import { map } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import type { Handler } from '../operators/handle.js';
import { changeSession } from '../streams/changeSession.js';
import { result } from '../streams/reply.js';
import type { SessionStore } from '../streams/sessions.js';
import type { SubscriptionsOfSessions } from '../streams/subscriptionsOfSessions.js';

/** `resources/unsubscribe` (2025 era). What was not subscribed to is as unsubscribed as it can be. */
export const unsubscribe =
  (sessions: SessionStore, ofSessions: SubscriptionsOfSessions): Handler =>
  ({ message, session }) => {
    if (session === undefined)
      throw refusal('ERR_SESSION_REQUIRED', 'resources/unsubscribe belongs to a session');
    const uri = String(message.params?.['uri']);
    ofSessions.remove(session.id, uri);
    return changeSession(sessions, session.id, (now) => ({
      ...now,
      watched: ofSessions.watched(now.id, now.watched).filter((other) => other !== uri),
    })).pipe(map(() => result({})));
  };
