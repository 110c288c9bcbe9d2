import {
  ReplaySubject,
  catchError,
  concat,
  defer,
  ignoreElements,
  isEmpty,
  map,
  of,
  switchMap,
  tap,
  throwError,
  timeout,
} from 'rxjs';
import { EMPTY, type Observable, type Subject } from 'rxjs';
import { completedElicitation } from '../../../protocol/completedElicitation.js';
import { GatewayError, refusal } from '../../../protocol/errors.js';
import { isAskable } from '../../../protocol/input.js';
import { isRequest, type JsonRpcCall } from '../../../protocol/jsonrpc.js';
import type { Capabilities } from '../../../protocol/mcp.js';
import type { Reply } from '../../../streams/reply.js';
import { beforeCall } from './beforeCall.js';
import { conversation } from './conversation.js';
import { converse } from './converse.js';
import { declaresChanges } from './declaresChanges.js';
import { EraContradicted } from './eraContradicted.js';
import type { HttpLink } from './httpLink.js';
import { HttpRefusal } from './httpRefusal.js';
import { judgeRefusal } from './judgeRefusal.js';
import { legacyCodec } from './legacyCodec.js';
import { legacySession, type LegacySession } from './legacySession.js';
import { legacyWatches } from './legacyWatches.js';
import { levelFirst } from './levelFirst.js';
import { lossTeller } from './lossTeller.js';
import { ownStream, type StreamEvents } from './ownStream.js';
import { plainRequest } from './plainRequest.js';
import { readMessages, streamStart } from './readMessages.js';
import { resumed } from './resumed.js';
import { runningCalls } from './runningCalls.js';
import { SessionForgotten } from './sessionForgotten.js';
import { singleFlight } from '../../singleFlight.js';
import { tell } from './tell.js';
import type { UpstreamEra, UpstreamRequest } from './upstreamEra.js';

/** Longest time for opening a session, in milliseconds; callers have their own, shorter limits. */
const openingMs = 30_000;

/** Longest time that a watch, or a call that may be asked for something, waits for the session's own stream, in milliseconds. */
const streamMs = 1000;

/** Longest time for ending a session, in milliseconds. */
const endingMs = 1000;

export interface LegacyHttpSessionOptions {
  /** What is declared of the clients behind it. */
  readonly capabilities: Capabilities;
  /** Whether its own stream is listened to for lists that change; one session of a server is enough for that. */
  readonly listens: boolean;
  /** Whose it is; undefined for one that callers share. */
  readonly principalId?: string;
  /** Told when the server asks something on that stream, where it does not say for which call. */
  readonly onAsked?: () => void;
}

/**
 * The revisions up to 2025-11-25 over HTTP (2), in one session, opened when first needed and again when the server has
 * forgotten it.
 */
export const legacyHttpSession = (
  link: HttpLink,
  { capabilities, listens, principalId, onAsked }: LegacyHttpSessionOptions,
): UpstreamEra => {
  const codec = legacyCodec(link.clientInfo, capabilities);
  let current: LegacySession | undefined;
  /** A session whose connection broke: its server may have been started anew. */
  let doubted: LegacySession | undefined;
  let changes: { unsubscribe(): void } | undefined;
  /** Completes when the session's own stream is open; undefined when nothing need be waited for, so that a call costs no timer. */
  let heard: Subject<never> | undefined;
  const listening = (): Observable<never> => heard?.pipe(timeout({ each: streamMs, with: giveUp })) ?? EMPTY;
  const giveUp = (): Observable<never> => {
    heard = undefined;
    return EMPTY;
  };
  const watches = legacyWatches({ send: (request) => send(request, true), heard: listening });
  // It was started anew, perhaps with other tools; listing them opens the next session.
  const losses = lossTeller(() => link.listener.changed());
  const askable = isAskable(capabilities);
  const running = runningCalls((response) => {
    if (current !== undefined) tell(link, current.headers, response);
  });

  const opening = singleFlight(() =>
    legacySession(link, codec).pipe(
      timeout({
        first: openingMs,
        with: () =>
          throwError(() => refusal('ERR_UPSTREAM_TIMEOUT', 'The backend did not open a session in time')),
      }),
      tap((session) => {
        current = session;
        losses.opened();
        heard = undefined;
        if (!askable && !(listens && declaresChanges(session.greeting))) return;
        const opened = (heard = new ReplaySubject<never>(1));
        changes = ownStream(link, session, streamEvents(session, opened)).subscribe();
      }),
    ),
  );

  const streamEvents = (session: LegacySession, opened: Subject<never>): StreamEvents => ({
    opened() {
      if (heard === opened) heard = undefined;
      opened.complete();
    },
    said(message) {
      if (!isRequest(message)) return void notified(message);
      if (message.method !== 'ping') onAsked?.();
      running.take(message);
    },
    missed() {
      if (!listens) return;
      link.listener.changed();
      for (const uri of watches.uris) link.listener.updated(uri);
    },
    forgotten: () => lose(session),
  });

  const notified = (message: JsonRpcCall): void => {
    const elicitation = completedElicitation(message);
    if (elicitation !== undefined) return link.listener.completed(elicitation, principalId);
    if (!listens) return;
    const { method, params } = message;
    if (method.endsWith('/list_changed')) link.listener.changed();
    const uri = params?.['uri'];
    if (method === 'notifications/resources/updated' && typeof uri === 'string') link.listener.updated(uri);
  };

  /** Forgets a session, once: of many calls that fail with it only the first does. */
  const lose = (session: LegacySession): void => {
    if (current !== session) return;
    link.log.info({ server: link.name }, 'the server has forgotten the session');
    current = undefined;
    changes?.unsubscribe();
    losses.lost();
    watches.lost(refusal('ERR_UPSTREAM_SESSION_LOST', 'The backend has forgotten what it was to watch'));
  };

  /** Asks whether the server still knows the session, so that no call has to find out that must not be sent twice. */
  const verification = singleFlight((): Observable<LegacySession> => {
    const session = current;
    if (session === undefined) return opening.run();
    return attempt(session, plainRequest('ping', {})).pipe(
      catchError((error: unknown) => {
        if (!(error instanceof HttpRefusal)) return throwError(() => error);
        return isForgotten(error) ? EMPTY : judgeRefusal(error);
      }),
      isEmpty(),
      switchMap((forgotten) => {
        doubted = undefined;
        if (!forgotten) return of(session);
        lose(session);
        return opening.run();
      }),
    );
  });

  const attempt = (session: LegacySession, request: UpstreamRequest): Observable<Reply> => {
    const id = link.nextId();
    const position = streamStart();
    const { headers } = session;
    const post = (message: unknown): void => tell(link, headers, message);
    const talk = conversation(id, request, {
      codec,
      listener: link.listener,
      respond: post,
    });
    // Leaving is not cancelling in this era (2.3): the server has to be told.
    const cancel = (): void =>
      post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } });
    return link
      .post(headers, JSON.stringify(codec.encode(id, request)), request)
      .pipe(
        readMessages(link.maxMessageBytes, position),
        resumed(link, headers, request.valve, position),
        converse(talk, position, cancel),
      );
  };

  /** One call on one session, after the log level it needs. */
  const run = (session: LegacySession, request: UpstreamRequest): Observable<Reply> =>
    levelFirst(session.levels, request, (each) => attempt(session, each), isForgotten);

  /** What a refusal by status means: the session is gone, or it is the server's own word. */
  const recover = (
    error: unknown,
    session: LegacySession,
    request: UpstreamRequest,
    again: boolean,
  ): Observable<Reply> => {
    if (!(error instanceof HttpRefusal)) {
      if (session.id !== undefined && isBroken(error)) doubted = session;
      return throwError(() => error);
    }
    if (!isForgotten(error) || (session.id === undefined && error.status === 404)) return judgeRefusal(error);
    lose(session);
    const notBegun = refusesSession(error);
    if (again && (notBegun || request.repeatable)) return send(request, false);
    return throwError(() =>
      notBegun
        ? new SessionForgotten(error)
        : refusal(
            'ERR_UPSTREAM_SESSION_LOST',
            'The backend lost the session of this call; it was not sent again',
            { cause: error },
          ),
    );
  };

  /** A call whose client may be asked: not before the server can be heard, or its question might be lost. */
  const hearing = (session: LegacySession, request: UpstreamRequest): Observable<Reply> =>
    concat(listening(), running.run(request, run(session, request)));

  const send = (request: UpstreamRequest, again: boolean): Observable<Reply> => {
    const use = (session: LegacySession): Observable<Reply> =>
      (isAskable(request.capabilities) ? hearing : run)(session, request).pipe(
        catchError((error: unknown) => recover(error, session, request, again)),
      );
    if (current !== undefined && current !== doubted) return use(current);
    return (current === undefined ? opening : verification).run().pipe(beforeCall(), switchMap(use));
  };

  return {
    greet: () =>
      defer(() => (current !== undefined ? of(current) : opening.run())).pipe(
        map(({ greeting }) => greeting),
      ),
    send: (request) => defer(() => send(request, true)),
    watch: (uri) => watches.watch(uri),
    // Annotations of headers mean nothing in this era.
    screen: () => undefined,
    end: (cause) =>
      defer(() => {
        changes?.unsubscribe();
        losses.stop();
        const closed = cause ?? refusal('ERR_UPSTREAM_UNREACHABLE', 'The backend is closed');
        watches.stop(closed);
        verification.stop(closed);
        opening.stop(closed);
        return current?.id === undefined ? EMPTY : link.remove(current.headers);
      }).pipe(
        ignoreElements(),
        timeout({ each: endingMs, with: () => EMPTY }),
        // Our side of the session is closed whatever it answers: a server that refuses to end it (405), or is gone, forgets it in its
        // own time.
        catchError(() => EMPTY),
      ),
  };
};

/** 404 for a session that is unknown; some servers say 400 and name the session instead (SDK v1's examples). */
const isForgotten = (error: unknown): boolean =>
  error instanceof HttpRefusal &&
  (error.status === 404 ||
    (error.status === 400 && /session|initiali[sz]ed/i.test(error.error?.message ?? '')));

/** Said before the call was begun: the specification's 404 (2.2), and the 400 of the official SDKs, in their own words. */
const refusesSession = ({ status, error }: HttpRefusal): boolean =>
  status === 404 || (error?.code === -32000 && /^Bad Request: /.test(error.message));

/** The connection failed, not what came over it. */
const isBroken = (error: unknown): boolean =>
  error instanceof GatewayError && error.cause instanceof Error && !(error instanceof EraContradicted);
