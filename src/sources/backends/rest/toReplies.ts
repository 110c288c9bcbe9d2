import { Observable, type OperatorFunction } from 'rxjs';
import { refusal, type GatewayError } from '../../../protocol/errors.js';
import type { CallToolResult } from '../../../protocol/mcp.js';
import { retryAfter } from '../../../protocol/retryAfter.js';
import { result, type Reply } from '../../../streams/reply.js';
import type { Chunk, Head } from '../../fromDispatch.js';
import type { AnswerReader } from './answerReader.js';

/**
 * A backend's answer, as it comes off the socket, to replies.
 *
 * ```
 * answer     H--c---c---|
 * toReplies  ---n---n---(r|)      n progress, r result
 * ```
 *
 * Synchronous: nothing is held back but what its reader needs. When the reader has enough the result is given at once, and
 * unsubscribing closes the socket.
 *
 * @param readerFor chooses how to read the body by its head; told where notifications go
 */
export const toReplies =
  (
    readerFor: (head: Head, notify: (reply: Reply) => void) => AnswerReader,
  ): OperatorFunction<Head | Chunk, Reply> =>
  (answer) =>
    new Observable((subscriber) => {
      let reader: AnswerReader | undefined;
      let answered: Head | undefined;
      const finish = (): void => {
        if (reader !== undefined) subscriber.next(answerOf(answered, reader.end()));
        subscriber.complete();
      };
      return answer.subscribe({
        next(part) {
          if (part.kind === 'head') {
            answered = part;
            reader = readerFor(part, (reply) => subscriber.next(reply));
          } else if (reader?.push(part.data) === false) finish();
        },
        error: (error: unknown) => subscriber.error(error),
        complete: finish,
      });
    });

/** What speaks of the service rather than of the request: 501 says that it will never do it, 505 and up that it can't be spoken to. */
const faulty: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

const answerOf = (head: Head | undefined, value: CallToolResult): Reply =>
  head !== undefined && faulty.has(head.status)
    ? { kind: 'result', result: value, fault: faultOf(head) }
    : result(value);

const faultOf = ({ status, headers }: Head): GatewayError =>
  refusal(
    status === 429 ? 'ERR_UPSTREAM_BUSY' : 'ERR_UPSTREAM_FAILED',
    `The backend answered with HTTP status ${status}`,
    { retryAfterMs: retryAfter(headers['retry-after'], Date.now()) },
  );
