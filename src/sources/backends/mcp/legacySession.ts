import {
  EMPTY,
  catchError,
  concat,
  concatMap,
  ignoreElements,
  map,
  of,
  tap,
  throwError,
  type Observable,
} from 'rxjs';
import { refusal } from '../../../protocol/errors.js';
import type { JsonRpcError } from '../../../protocol/jsonrpc.js';
import { alwaysOpen } from '../../../streams/valve.js';
import { conversation } from './conversation.js';
import { converse } from './converse.js';
import { EraContradicted } from './eraContradicted.js';
import type { EraCodec } from './eraCodec.js';
import type { HttpLink } from './httpLink.js';
import { HttpRefusal } from './httpRefusal.js';
import { levelKeeper, type LevelKeeper } from './levelKeeper.js';
import { plainRequest } from './plainRequest.js';
import { readMessages, streamStart } from './readMessages.js';
import type { Greeting } from './upstreamEra.js';

/** A session that a legacy server keeps for the gateway; one for all calls. */
export interface LegacySession {
  /** Undefined for a server that keeps none. */
  readonly id: string | undefined;
  /** Sent with every later request: session id and negotiated revision. */
  readonly headers: readonly string[];
  readonly greeting: Greeting;
  readonly levels: LevelKeeper;
}

/**
 * Opens a session: `initialize`, then `notifications/initialized` (2.2).
 *
 * @returns one session. Errors: `EraContradicted` when the server answers as a modern one does, `ERR_UPSTREAM_FAILED`,
 *   `ERR_UPSTREAM_UNREACHABLE`
 */
export const legacySession = (link: HttpLink, codec: EraCodec): Observable<LegacySession> => {
  const { method, params } = codec.opening;
  const request = plainRequest(method, params);
  const id = link.nextId();
  const position = streamStart();
  const talk = conversation(id, request, { codec, listener: link.listener, respond: () => undefined });
  let sessionId: string | undefined;
  return link.post([], JSON.stringify(codec.encode(id, request)), { valve: alwaysOpen }).pipe(
    tap((part) => {
      if (part.kind === 'head') sessionId = sessionIdOf(part.headers['mcp-session-id']);
    }),
    readMessages(link.maxMessageBytes, position),
    converse(talk, position),
    catchError((error: unknown) => throwError(() => explain(error))),
    concatMap((reply) => {
      if (reply.kind === 'error') return throwError(() => judge(reply.error, 200));
      if (reply.kind !== 'result') return EMPTY;
      const greeting = codec.greeting(reply.result);
      const session: LegacySession = {
        id: sessionId,
        headers: [
          ...(sessionId === undefined ? [] : ['mcp-session-id', sessionId]),
          ...['mcp-protocol-version', greeting.revision],
        ],
        greeting,
        levels: levelKeeper(greeting),
      };
      return concat(initialized(link, session), of(session));
    }),
  );
};

const initialized = (link: HttpLink, { headers }: LegacySession): Observable<never> =>
  link
    .post(headers, JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }), {
      valve: alwaysOpen,
    })
    .pipe(
      map((part) => {
        if (part.kind === 'head' && part.status >= 400) throw new HttpRefusal(part.status).toGatewayError();
      }),
      ignoreElements(),
    );

const sessionIdOf = (value: string | string[] | undefined): string | undefined => {
  if (value === undefined) return undefined;
  // Visible ASCII only (2.2): it goes into a header of ours.
  if (typeof value === 'string' && /^[\x21-\x7e]{1,1024}$/.test(value)) return value;
  throw refusal('ERR_UPSTREAM_FAILED', 'The backend gave a session id that is not allowed');
};

const explain = (error: unknown): unknown => {
  if (!(error instanceof HttpRefusal)) return error;
  return error.error === undefined || !error.isAboutRequest
    ? error.toGatewayError()
    : judge(error.error, error.status);
};

/** The errors by which a modern server refuses `initialize` (3.5): it names its versions, or knows no such method. */
const judge = (error: JsonRpcError, status: number): Error =>
  (error.code <= -32020 && error.code >= -32022) || (error.code === -32601 && status === 404)
    ? new EraContradicted(true, error)
    : refusal('ERR_UPSTREAM_FAILED', 'The backend refused to open a session', { cause: error });
