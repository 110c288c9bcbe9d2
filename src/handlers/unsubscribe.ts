import { refusal } from '../protocol/errors.js';
import type { Handler } from '../operators/handle.js';
import { result } from '../streams/reply.js';
import type { SubscriptionsOfSessions } from '../streams/subscriptionsOfSessions.js';

/** `resources/unsubscribe` (2025 era). What was not subscribed to is as unsubscribed as it can be. */
export const unsubscribe =
  (ofSessions: SubscriptionsOfSessions): Handler =>
  ({ message, session }) => {
    if (session === undefined)
      throw refusal('ERR_SESSION_REQUIRED', 'resources/unsubscribe belongs to a session');
    ofSessions.remove(session.id, String(message.params?.['uri']));
    return result({});
  };
