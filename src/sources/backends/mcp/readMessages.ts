import { Observable, Subject, type OperatorFunction } from 'rxjs';
import { parseSse, type SseEvent } from '../../../operators/parseSse.js';
import { refusal } from '../../../protocol/errors.js';
import { maxMessageDepth, parseJson } from '../../../protocol/parseJson.js';
import { parseListed } from '../../../protocol/parseListed.js';
import { isResponse } from '../../../protocol/jsonrpc.js';
import type { Chunk, Head } from '../../fromDispatch.js';
import { HttpRefusal } from './httpRefusal.js';
import { Interrupted } from './interrupted.js';

/** What a stream of events has said so far about itself: enough to take it up again where it broke. */
export interface StreamPosition {
  /** True once the answer has turned out to be a stream. */
  streaming: boolean;
  lastEventId: string | undefined;
  /** Milliseconds to wait before a reconnect. */
  retryMs: number | undefined;
}

/** The position before the first byte. */
export const streamStart = (): StreamPosition => ({
  streaming: false,
  lastEventId: undefined,
  retryMs: undefined,
});

/** Of a refusal's body only a JSON-RPC error is of interest. */
const maxRefusalBytes = 64 * 1024;

/**
 * Reads a server's HTTP answer: one JSON body, or a stream of events, as the messages in it.
 *
 * @param maxBytes largest JSON body and largest event
 * @param position filled in while a stream goes by
 * @param other takes the events that are no messages, by their type
 * @returns parsed messages, unchecked. A JSON body completes; a stream always ends with `Interrupted`, for whoever found the
 *   answer in it has left by then. Other errors: `HttpRefusal` for a status that is no success, `ERR_UPSTREAM_FAILED` for a
 *   body that is no JSON or too large, and those of the source
 */
export const readMessages = (
  maxBytes: number,
  position: StreamPosition,
  other?: (type: string, data: string) => void,
): OperatorFunction<Head | Chunk, unknown> => {
  return (source) =>
    new Observable((subscriber) => {
      let head: Head | undefined;
      let events: Subject<Uint8Array> | undefined;
      const body: Buffer[] = [];
      let size = 0;

      const begin = (answer: Head): void => {
        head = answer;
        if (answer.status !== 200) return;
        const type = contentType(answer);
        if (type === 'text/event-stream') {
          position.streaming = true;
          events = new Subject();
          subscriber.add(
            events.pipe(parseSse({ maxEventBytes: maxBytes })).subscribe({ next: read, error: fail }),
          );
        } else if (type !== 'application/json') fail(notProtocol());
      };
      const read = ({ id, event, retry, data }: SseEvent): void => {
        if (id !== undefined) position.lastEventId = id === '' ? undefined : id;
        if (retry !== undefined) position.retryMs = retry;
        // An event without data only says where the stream stands (SEP-1699).
        if (event !== undefined && event !== 'message') other?.(event, data);
        else if (data !== '') emit(data);
      };
      const emit = (text: string): void => {
        const message = parseListed(text, maxMessageDepth);
        if (message === undefined) return fail(notProtocol()); // the text itself says nothing that may be shown
        subscriber.next(message);
      };
      const collect = (data: Buffer): void => {
        size += data.length;
        const limit = head?.status === 200 ? maxBytes : maxRefusalBytes;
        if (size <= limit) body.push(data);
        else fail(head?.status === 200 ? tooLarge() : refused(head, ''));
      };
      const finish = (): void => {
        if (subscriber.closed) return;
        if (events !== undefined) return fail(new Interrupted());
        const text = (body.length === 1 ? (body[0] as Buffer) : Buffer.concat(body)).toString('utf8');
        if (head?.status !== 200) return fail(refused(head, text));
        emit(text);
        subscriber.complete();
      };
      const fail = (error: unknown): void => subscriber.error(error);

      return source.subscribe({
        next: (part) => {
          if (part.kind === 'head') begin(part);
          else if (events !== undefined) events.next(part.data);
          else collect(part.data);
        },
        error: (error: unknown) => fail(events === undefined ? error : new Interrupted(error)),
        complete: finish,
      });
    });
};

const contentType = ({ headers }: Head): string | undefined => {
  const value = headers['content-type'];
  return typeof value === 'string' ? value.split(';', 1)[0]?.trim().toLowerCase() : undefined;
};

const refused = (head: Head | undefined, text: string): unknown => {
  if (head === undefined || (head.status >= 200 && head.status < 300)) return notProtocol();
  const retryAfter = head.headers['retry-after'];
  return new HttpRefusal(
    head.status,
    rpcError(text),
    typeof retryAfter === 'string' ? retryAfter : undefined,
  );
};

const rpcError = (text: string): HttpRefusal['error'] => {
  // Undefined for an error page: its status says all there is.
  const message = parseJson(text, maxMessageDepth);
  return isResponse(message) && 'error' in message ? message.error : undefined;
};

const notProtocol = (): Error =>
  refusal('ERR_UPSTREAM_FAILED', 'The backend answered with what is no MCP message');
const tooLarge = (): Error =>
  refusal('ERR_UPSTREAM_TOO_LARGE', 'The backend sent an answer that is too large');
