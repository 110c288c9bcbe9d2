import { filter, type OperatorFunction } from 'rxjs';
import { elicitationIds } from '../streams/elicitationIds.js';
import type { Elicitations } from '../streams/elicitations.js';
import type { Authenticated, Exchange, InSession, Resolved } from '../streams/exchange.js';
import type { Reply } from '../streams/reply.js';
import { answerOf, service, type Service } from '../streams/service.js';

/**
 * Takes note of the elicitations by URL that a session is given, so that it can be told when they are done.
 *
 * ```
 * part              --(ask e1)--c1--c2--r|     c1 says that e1 is done, c2 that e2 is
 * noteElicitations  --(ask e1)--c1------r|     e2 was given to another session: that one is told, on its own stream
 * ```
 *
 * Clients of the 2026 era are told nothing: they have no such ids, and retry by themselves.
 */
export const noteElicitations = <E extends Exchange & Authenticated & InSession & Resolved>(
  part: OperatorFunction<E, Reply>,
  elicitations: Elicitations,
): Service<E, Reply> => {
  const send = answerOf(part);
  return service((exchange) => {
    const { session, principal, target } = exchange;
    const server = target.server.settings.name;
    const principalId = principal.id;
    return send(exchange).pipe(
      filter((reply) => {
        if (reply.kind === 'result') return true;
        if (reply.kind === 'notification' && reply.method === 'notifications/elicitation/complete') {
          const { elicitationId } = reply.params;
          if (typeof elicitationId !== 'string') return false;
          if (session !== undefined && elicitations.take(server, session.id, elicitationId)) return true;
          elicitations.completed({ server, elicitationId, principalId });
          return false;
        }
        if (session !== undefined)
          for (const id of elicitationIds(reply))
            elicitations.given({ server, principalId, sessionId: session.id, id });
        return true;
      }),
    );
  });
};
