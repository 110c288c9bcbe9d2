import { Observable, throwError } from 'rxjs';
import { fromUnknown, type GatewayError } from '../protocol/errors.js';
import { isRequest } from '../protocol/jsonrpc.js';
import type { Exchange, Pipeline } from './exchange.js';
import { Marks } from './marks.js';
import { outcomeOf } from './outcomeOf.js';
import { accepted, type Reply } from './reply.js';
import { answerOf } from './service.js';

/**
 * A pipeline's replies to one exchange, errors included: the only place where an error becomes a message.
 *
 * It is no trailing operator, because an error notification carries no context: at the end of a chain the exchange, and with
 * it the id to answer, would be gone. Here it is still at hand; a custom chain cannot forget it.
 */
export const answer = (pipeline: Pipeline, exchange: Exchange): Observable<Reply> =>
  new Observable((subscriber) => {
    const { notes } = exchange;
    return replies(pipeline, exchange).subscribe({
      next: (reply) => {
        const outcome = outcomeOf(reply);
        if (outcome !== undefined) {
          notes.outcome ??= outcome;
          notes.marks.enter(answering);
        }
        subscriber.next(reply);
      },
      error: (error: unknown) => {
        subscriber.next(errorReply(exchange, fromUnknown(error)));
        subscriber.complete();
      },
      complete: () => subscriber.complete(),
    });
  });

/** The last stage of what was not refused: an answer leaves. */
const answering = Marks.idOf('answer');

const replies = (pipeline: Pipeline, exchange: Exchange): Observable<Reply> => {
  try {
    return answerOf(pipeline)(exchange);
  } catch (error) {
    return throwError(() => error);
  }
};

const errorReply = (exchange: Exchange, error: GatewayError): Reply => {
  const { notes, message, origin } = exchange;
  notes.error = error;
  notes.outcome = error.outcome;
  if (error.code === 'ERR_ARGUMENTS_INVALID')
    return { kind: 'result', result: { content: [{ type: 'text', text: error.message }], isError: true } };
  const status = origin.revision.status(error);
  // A notification has nobody to tell unless the HTTP status does.
  if (!isRequest(message) && status === 200) return accepted;
  const headers = error.headers === undefined ? undefined : { headers: error.headers };
  return { kind: 'error', error: error.toJsonRpc(), status, ...headers };
};
