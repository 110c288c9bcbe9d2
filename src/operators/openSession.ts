import { isObservable, map } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import { stage } from '../streams/stage.js';
import type { Authenticated, Exchange, InSession, Origin } from '../streams/exchange.js';
import type { Session, SessionStore } from '../streams/sessions.js';

/**
 * Finds the session a message of the 2025 era belongs to, and prolongs it.
 *
 * > A session of somebody else, or of another namespace, is refused as if it did not exist.
 *
 * ```
 * calls        --a-----b--|
 * openSession  --A-----#        b names a session that has ended: ERR_SESSION_UNKNOWN (404)
 * ```
 *
 * Messages of revisions without sessions pass with `session: undefined`; so does `initialize`, which opens one.
 *
 * @see {@link authenticate} which must come before: a session belongs to a principal
 */
export const openSession = (sessions: SessionStore) =>
  stage<Authenticated, InSession>((exchange) => {
    const { sessionId, revision } = exchange.origin;
    if (!revision.sessions) return { ...exchange, session: undefined };
    const isInitialize = exchange.message.method === 'initialize';
    if (sessionId === undefined) {
      if (isInitialize) return { ...exchange, session: undefined };
      throw refusal('ERR_SESSION_REQUIRED', `${missing(exchange.origin.transport)}: initialize first`);
    }
    const found = sessions.get(sessionId);
    const enter = (session: Session | undefined) => {
      const own = ownSession(exchange, session);
      if (isInitialize && own !== undefined)
        throw refusal('ERR_SESSION_EXISTS', 'This session is initialized already');
      if (!isInitialize && own === undefined)
        throw refusal(
          'ERR_SESSION_UNKNOWN',
          'Session not found: it has ended or never was; initialize again',
        );
      if (exchange.origin.batch && own?.batches === false)
        throw refusal('ERR_INVALID_REQUEST', `Batches were removed from the protocol before ${own.version}`);
      return { ...exchange, session: own };
    };
    return isObservable(found) ? found.pipe(map(enter)) : enter(found);
  });

/** Only HTTP has a header to say it with: elsewhere the connection is the session. */
const missing = (transport: Origin['transport']): string =>
  transport === 'http' ? 'The header Mcp-Session-Id is missing' : 'This connection has no session';

const ownSession = (
  { principal, origin }: Exchange & Authenticated,
  session: Session | undefined,
): Session | undefined =>
  session?.principalId === principal.id && session.namespace === origin.namespace ? session : undefined;
