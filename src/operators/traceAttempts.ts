import type { OperatorFunction } from 'rxjs';
import { attemptReplies } from '../streams/attemptReplies.js';
import type { AskedServer } from '../streams/callTrace.js';
import type { Exchange, Placed, Redacting, Resolved } from '../streams/exchange.js';
import { incomingTrace } from '../streams/incomingTrace.js';
import { redactedContext } from '../streams/redactedContext.js';
import type { Reply } from '../streams/reply.js';
import { answerOf, service, type Service } from '../streams/service.js';
import type { Tracing } from '../streams/tracing.js';

/**
 * Tells the server of each attempt which trace it is part of, and notes how the attempt went.
 *
 * > The attempt is the parent of what the server does: two attempts are two branches of one trace.
 *
 * ```
 * attempts        --a--------b--------|
 * part              ---#        ---r|
 * traceAttempts   -----#-----------r|      a and b have a span each
 * ```
 *
 * Without tracing the caller's own context goes on to the server, unchanged.
 *
 * @param part sends the attempt
 */
export const traceAttempts = <E extends Exchange & Resolved & Placed & Partial<Redacting>>(
  part: OperatorFunction<E, Reply>,
  tracing: Tracing | undefined,
): Service<E, Reply> => {
  const send = answerOf(part);
  return service((exchange) => {
    if (tracing === undefined) return send(passedOn(exchange));
    const trace = tracing.traceOf(exchange);
    const attempt = trace.attempt(asked(exchange));
    const hop = redactedContext(trace.contextFor(attempt), exchange.redaction?.arguments);
    const replies$ = send({ ...exchange, hop });
    return attemptReplies(replies$, attempt, () => tracing.attempted(trace, attempt));
  });
};

/** What is in `_meta` goes on with it; only what came in headers has to be put there. */
const passedOn = <E extends Exchange & Partial<Redacting>>(exchange: E): E => {
  const { headers } = exchange.origin;
  if (headers['traceparent'] === undefined && headers['baggage'] === undefined) return exchange;
  const hop = redactedContext(incomingTrace(exchange).context, exchange.redaction?.arguments);
  return Object.keys(hop).length === 0 ? exchange : { ...exchange, hop };
};

const asked = ({ target, instance }: Resolved & Placed): AskedServer => {
  const { settings, offer } = target.server;
  const { name = target.params['uri'] } = target.params;
  return {
    method: target.method,
    server: settings.name,
    instance: instance.id,
    revision: offer?.revision,
    isPiped: settings.type === 'stdio',
    name: typeof name === 'string' ? name : undefined,
  };
};
