import { EMPTY, Observable, Subscription, catchError, concat, concatMap, of, tap } from 'rxjs';
import { throwError, timeout, timer } from 'rxjs';
import { GatewayError, refusal } from '../../../protocol/errors.js';
import { isCall, isRequest, isResponse } from '../../../protocol/jsonrpc.js';
import type { Capabilities } from '../../../protocol/mcp.js';
import type { Valve } from '../../../streams/valve.js';
import { pipeConnection } from '../stdio/pipeConnection.js';
import type { HttpLink } from './httpLink.js';
import { HttpRefusal } from './httpRefusal.js';
import { Interrupted } from './interrupted.js';
import { legacyCodec } from './legacyCodec.js';
import { NoEndpoint } from './noEndpoint.js';
import { plainRequest } from './plainRequest.js';
import { readMessages, streamStart } from './readMessages.js';
import { SessionForgotten } from './sessionForgotten.js';
import { sseLine, type SseLine } from './sseLine.js';
import { ssePoster, type SsePoster } from './ssePoster.js';
import type { ServerListener } from './upstreamEra.js';

/** How long a stream may take to name its endpoint, in milliseconds: it is the first thing it says. */
const endpointMs = 5000;
/** How long a connection that is to end waits for its last messages to be taken, in milliseconds. */
const leavingMs = 1000;

export interface SseLifeOptions {
  /** What is declared of the clients behind it. */
  readonly capabilities: Capabilities;
  readonly listener: ServerListener;
  /** Holds the stream back. */
  readonly demand: Valve;
  /** How many notifications a call may have unread, where its client can not hold the stream back. */
  readonly keep?: number;
}

/**
 * One connection to a server over HTTP+SSE (2.7), and the session on it: subscribing opens the stream, waits for the endpoint and
 * initializes; unsubscribing closes the stream, and with it ends the session.
 *
 * ```
 * stream    --endpoint-----(initialized)--m--m--#
 * sseLife   ---------------l--------------------#     l the line
 * retired   ---------------l--------------|           its last call is over
 * ```
 *
 * Calls under way fail with the stream: what became of them is not known.
 *
 * @returns the line, once. Errors: `NoEndpoint` where there is no such server, `ERR_UPSTREAM_UNREACHABLE` when it breaks before
 *   the line has been given, `ERR_UPSTREAM_FAILED` afterwards or when the server misbehaves
 */
export const sseLife = (link: HttpLink, options: SseLifeOptions): Observable<SseLine> =>
  new Observable((subscriber) => {
    const codec = legacyCodec(link.clientInfo, options.capabilities);
    const patience = new Subscription();
    let poster: SsePoster | undefined;
    let opened = false;
    let reason: Error = refusal(
      'ERR_UPSTREAM_FAILED',
      'The connection was closed before the backend had answered',
    );
    const write = (message: unknown): boolean => poster?.send(message) ?? false;
    const connection = pipeConnection(write, options.listener, link.log, options.keep);

    /** The owner of the line is told first, the calls by teardown: who tries again at once must not get this line. */
    const fail = (error: unknown): void => {
      reason = error as Error;
      subscriber.error(error);
    };
    const broken = (error: unknown): void => fail(opened ? error : unopened(error, poster !== undefined));

    const refused = (error: unknown, message: unknown): void => {
      if (!isCall(message) || !isRequest(message))
        return link.log.debug({ server: link.name, err: error }, 'a notification was not delivered');
      const { id } = message;
      const answer = error instanceof HttpRefusal ? answerIn(error) : undefined;
      if (answer !== undefined) return connection.take({ jsonrpc: '2.0', id, error: answer });
      const told = error instanceof HttpRefusal ? error.toGatewayError() : (error as Error);
      connection.fail(told, id as number);
    };

    const take = (message: unknown): void => {
      if (isResponse(message)) poster?.over(message.id as number);
      connection.take(message);
    };

    const leave = (): void => {
      const left = poster?.settled() ?? EMPTY;
      const settled = left.pipe(timeout({ first: leavingMs, with: () => EMPTY }));
      subscriber.add(settled.subscribe({ complete: () => subscriber.complete() }));
    };

    const handshake = (posting: SsePoster): Observable<SseLine> =>
      connection.request(codec, plainRequest(codec.opening.method, codec.opening.params)).pipe(
        concatMap((reply) => {
          if (reply.kind === 'error') return throwError(() => refusedToOpen(reply.error));
          if (reply.kind !== 'result') return EMPTY;
          const greeting = codec.greeting(reply.result);
          posting.speak(greeting.revision);
          // POSTs may overtake each other: a call must not come before it.
          const initialized = posting.deliver({ jsonrpc: '2.0', method: 'notifications/initialized' });
          return concat(initialized, of(sseLine(connection, codec, greeting, leave)));
        }),
        catchError((error: unknown) =>
          throwError(() =>
            error instanceof SessionForgotten || error instanceof HttpRefusal
              ? refusedToOpen(error)
              : neverSent(error),
          ),
        ),
      );

    const event = (type: string, data: string): void => {
      if (type !== 'endpoint' || poster !== undefined) return;
      patience.unsubscribe();
      const path = link.pathOf(data);
      if (path === undefined)
        return fail(refusal('ERR_UPSTREAM_FAILED', 'The backend names an endpoint of another origin'));
      poster = ssePoster(link, path, refused);
      const ready = handshake(poster).subscribe({
        next(line) {
          opened = true;
          subscriber.next(line);
        },
        error: fail,
      });
      subscriber.add(ready);
    };

    const stream = link
      .listen([], options.demand)
      .pipe(
        tap((part) => {
          if (part.kind === 'head') patience.add(timer(endpointMs).subscribe(() => fail(new NoEndpoint())));
        }),
        readMessages(link.maxMessageBytes, streamStart(), event),
      )
      .subscribe({ next: take, error: broken, complete: () => broken(new NoEndpoint()) });
    return () => {
      patience.unsubscribe();
      stream.unsubscribe();
      connection.fail(reason);
      poster?.stop();
    };
  });

/** The error of the server's own in a refusal, rather than its transport's. */
const answerIn = ({ error, isAboutRequest }: HttpRefusal): HttpRefusal['error'] =>
  isAboutRequest && error !== undefined && !(error.code <= -32000 && error.code >= -32019)
    ? error
    : undefined;

const refusedToOpen = (cause: unknown): GatewayError =>
  refusal('ERR_UPSTREAM_FAILED', 'The backend refused to open a session', { cause });

/** What it means that the stream fails before the line is ready. */
const unopened = (error: unknown, hasEndpoint: boolean): unknown => {
  if (error instanceof HttpRefusal)
    return error.isAboutRequest || error.status === 406 ? new NoEndpoint(error) : error.toGatewayError();
  const failure = neverSent(error);
  const isOther = failure instanceof GatewayError && failure.code === 'ERR_UPSTREAM_FAILED' && !hasEndpoint;
  return isOther ? new NoEndpoint(failure) : failure;
};

/** A connection that breaks before the first call: nothing has happened at the server. */
const neverSent = (error: unknown): unknown =>
  error instanceof Interrupted ||
  (error instanceof GatewayError && error.cause instanceof Error && !(error.cause instanceof HttpRefusal))
    ? refusal('ERR_UPSTREAM_UNREACHABLE', 'The backend can not be reached', { cause: error })
    : error;
