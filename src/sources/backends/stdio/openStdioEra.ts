import {
  EMPTY,
  ReplaySubject,
  catchError,
  concatMap,
  map,
  of,
  race,
  switchMap,
  take,
  timer,
  type Observable,
} from 'rxjs';
import { fromUnknown, refusal } from '../../../protocol/errors.js';
import type { Capabilities, Implementation } from '../../../protocol/mcp.js';
import type { Log } from '../../../streams/log.js';
import type { EraName } from '../mcp/detectEra.js';
import type { EraCodec } from '../mcp/eraCodec.js';
import { legacyCodec } from '../mcp/legacyCodec.js';
import { legacyWatches } from '../mcp/legacyWatches.js';
import { levelKeeper } from '../mcp/levelKeeper.js';
import { ListenKeeper } from '../mcp/listenKeeper.js';
import { modernCodec, modernRevisions } from '../mcp/modernCodec.js';
import { plainRequest } from '../mcp/plainRequest.js';
import type { Greeting, ServerListener, UpstreamEra } from '../mcp/upstreamEra.js';
import type { PipeConnection } from './pipeConnection.js';
import { ProcessEnded } from './processEnded.js';
import { stdioEra } from './stdioEra.js';

/** How long a server may think about the modern question before the legacy one is put as well, in milliseconds. */
const probeMs = 2000;

/**
 * What a 2025-era process is told its client can do. It is told once, before any client is known, and serves all of them: what the
 * client behind a call can not answer is refused when it is asked for (see asked.ts). Roots are left out, because servers take them
 * as the connection's: those of one client would hold for the others too.
 */
const declared: Capabilities = { sampling: {}, elicitation: { form: {}, url: {} } };

/** The era a process speaks, and the means to speak it. */
export interface OpenedEra {
  readonly name: EraName;
  readonly era: UpstreamEra;
}

export interface OpenStdioEraOptions {
  readonly clientInfo: Implementation;
  readonly listener: ServerListener;
  readonly log: Log;
}

/**
 * Opens the conversation with a process (3.13): `server/discover`, and where that finds no modern server, `initialize`.
 *
 * A server that is slow to start gets both questions: its answer to `initialize` counts first, for a server of both eras takes
 * that as the choice.
 *
 * @param eras which to try, the likelier one first
 * @returns one opened era. Errors: `ERR_UPSTREAM_FAILED` when it speaks none of them
 */
export const openStdioEra = (
  connection: PipeConnection,
  { clientInfo, listener, log }: OpenStdioEraOptions,
  eras: readonly EraName[],
): Observable<OpenedEra> => {
  const modern = modernCodec(clientInfo, modernRevisions[0] as string);
  const legacy = legacyCodec(clientInfo, declared);
  const openModern = (greeting: Greeting): OpenedEra => ({
    name: 'modern',
    era: stdioEra(
      connection,
      modern,
      greeting,
      undefined,
      new ListenKeeper({ send: (request) => connection.request(modern, request), listener, log }),
    ),
  });
  const openLegacy = (greeting: Greeting): OpenedEra => {
    connection.notify('notifications/initialized');
    // The pipe is always open: there is no stream to wait for.
    const watches = legacyWatches({
      send: (request) => connection.request(legacy, request),
      heard: () => EMPTY,
    });
    return { name: 'legacy', era: stdioEra(connection, legacy, greeting, levelKeeper(greeting), watches) };
  };

  const initialize = (): Observable<OpenedEra | undefined> =>
    ask(connection, legacy).pipe(map((greeting) => greeting && openLegacy(greeting)));

  if (eras[0] === 'legacy') {
    const discover = (): Observable<OpenedEra | undefined> =>
      ask(connection, modern).pipe(map((greeting) => greeting && openModern(greeting)));
    return initialize().pipe(
      switchMap((opened) => (opened === undefined && eras.includes('modern') ? discover() : of(opened))),
      map(orFail),
    );
  }
  const discovery = new ReplaySubject<Greeting | undefined>(1);
  const asked = ask(connection, modern).subscribe(discovery);
  const patience: Observable<Greeting | undefined> = eras.includes('legacy')
    ? timer(probeMs).pipe(map(() => undefined))
    : discovery;
  return race(discovery, patience).pipe(
    take(1),
    concatMap((greeting) => {
      if (greeting !== undefined) return of(openModern(greeting));
      if (!eras.includes('legacy')) return of(undefined);
      return initialize().pipe(
        concatMap((opened) => {
          if (opened === undefined) return discovery.pipe(map((late) => late && openModern(late)));
          asked.unsubscribe();
          return of(opened);
        }),
      );
    }),
    map(orFail),
  );
};

/** Asks who the server is; undefined when it does not understand the question. A broken pipe is an error. */
const ask = (connection: PipeConnection, codec: EraCodec): Observable<Greeting | undefined> => {
  const { method, params } = codec.opening;
  return connection.request(codec, plainRequest(method, params)).pipe(
    take(1),
    map((reply) => (reply.kind === 'result' ? codec.greeting(reply.result) : undefined)),
    catchError((error: unknown) => {
      if (isBroken(error)) throw error;
      return of(undefined);
    }),
  );
};

const isBroken = (error: unknown): boolean =>
  error instanceof ProcessEnded || fromUnknown(error).code === 'ERR_UPSTREAM_UNREACHABLE';

const orFail = (opened: OpenedEra | undefined): OpenedEra => {
  if (opened !== undefined) return opened;
  throw refusal(
    'ERR_UPSTREAM_FAILED',
    'The backend speaks no revision of the protocol that the gateway knows',
  );
};
