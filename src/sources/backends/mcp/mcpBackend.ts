import { Subject, catchError, defer, finalize, lastValueFrom, switchMap, throwError, timeout } from 'rxjs';
import { map, of, tap, type Observable } from 'rxjs';
import { refusal } from '../../../protocol/errors.js';
import type { Implementation } from '../../../protocol/mcp.js';
import type { Backend, Completion } from '../../../streams/backend.js';
import type { Place } from '../../../streams/balancing/places.js';
import type { Log } from '../../../streams/log.js';
import type { Credentials } from '../../oauth/credentials.js';
import { beforeCall } from './beforeCall.js';
import { detectEra, type EraName } from './detectEra.js';
import { EraContradicted } from './eraContradicted.js';
import { httpLink } from './httpLink.js';
import { legacyHttpEra } from './legacyHttpEra.js';
import { legacyOrSse, type FoundEra } from './legacyOrSse.js';
import { listOffer } from './listOffer.js';
import { modernHttpEra } from './modernHttpEra.js';
import { singleFlight } from '../../singleFlight.js';
import { sseEra } from './sseEra.js';
import type { UpstreamEra } from './upstreamEra.js';
import { untilIdle } from './untilIdle.js';

export interface McpBackendOptions {
  /** For log lines. */
  readonly name: string;
  readonly url: string;
  /** Where its connections go, if not to where the host of `url` leads. */
  readonly at?: Place['at'];
  /** Sent with every request; the backend's credential lives here. */
  readonly headers: Readonly<Record<string, string>>;
  /** What lets requests in, where the headers do not; closed with the backend. */
  readonly credentials?: Credentials | undefined;
  /** Which era to speak; `auto` finds out, and finds out again when the server turns out to speak the other. */
  readonly protocol: 'auto' | HttpEraName;
  readonly log: Log;
  /** Who the gateway says it is. */
  readonly clientInfo: Implementation;
  /** Longest time for opening a connection, in milliseconds; `limits.connectMs` by default. */
  readonly connectMs?: number;
  /** Largest JSON body and largest event of a stream; 16 MiB by default. */
  readonly maxMessageBytes?: number;
}

/** Longest time for finding out the era, in milliseconds; callers have their own, shorter limits. */
const detectionMs = 30_000;

/** What can be spoken over HTTP: an era over Streamable HTTP, or the legacy one over HTTP+SSE of 2024-11-05. */
type HttpEraName = EraName | 'sse';

const eras: Readonly<Record<HttpEraName, typeof modernHttpEra>> = {
  modern: modernHttpEra,
  legacy: legacyHttpEra,
  sse: sseEra,
};

/**
 * A native MCP server over HTTP, of either era.
 *
 * Nothing is sent before the first subscription. What the server says about itself (its era, a session) is kept, and found
 * out again when the server contradicts it.
 *
 * @throws TypeError for a URL that is not http(s)
 */
export const mcpBackend = (options: McpBackendOptions): Backend => {
  const changed = new Subject<void>();
  const updated = new Subject<string>();
  const completed = new Subject<Completion>();
  const link = httpLink({
    ...options,
    maxMessageBytes: options.maxMessageBytes ?? 16 * 1024 * 1024,
    listener: {
      changed: () => changed.next(),
      updated: (uri) => updated.next(uri),
      completed: (elicitationId, principalId) => completed.next({ elicitationId, principalId }),
    },
  });
  const { protocol, log, name } = options;
  let era: UpstreamEra | undefined = protocol === 'auto' ? undefined : eras[protocol](link);
  const calls = untilIdle();

  const detection = singleFlight(() =>
    detectEra(link).pipe(
      switchMap((verdict) =>
        verdict === 'refused' ? legacyOrSse(link) : of<FoundEra>({ name: verdict, era: eras[verdict](link) }),
      ),
      timeout({
        first: detectionMs,
        with: () => throwError(() => refusal('ERR_UPSTREAM_TIMEOUT', 'The backend did not answer in time')),
      }),
      tap((found) => log.debug({ server: name, era: found.name }, 'found out which era the server speaks')),
      map((found) => (era = found.era)),
    ),
  );

  /** Does something in the server's era; once more in the other when the server contradicts the verdict. */
  const inEra = <T>(
    use: (era: UpstreamEra) => Observable<T>,
    repeatable: boolean,
    again = true,
  ): Observable<T> => {
    let used = era;
    const run =
      used === undefined
        ? detection.run().pipe(
            beforeCall(),
            switchMap((found) => use((used = found))),
          )
        : use(used);
    return run.pipe(
      catchError((error: unknown) => {
        if (!(error instanceof EraContradicted) || protocol !== 'auto') return throwError(() => error);
        reconsider(used);
        if (again && (repeatable || error.notBegun)) return inEra(use, repeatable, false);
        return throwError(() => (repeatable ? error : lost(error)));
      }),
    );
  };

  const reconsider = (contradicted: UpstreamEra | undefined): void => {
    if (contradicted !== era) return;
    log.info({ server: name }, 'the server speaks another era than before');
    // Calls that wait for a session have not been sent: they go on in the other era.
    era?.end(new EraContradicted(true)).subscribe();
    era = undefined;
    changed.next();
  };

  return {
    offer: () =>
      inEra((known) => known.greet().pipe(switchMap((greeting) => listOffer(known, greeting))), true),
    invoke: (call) =>
      defer(() => {
        calls.begin();
        return inEra((known) => known.send(call), call.repeatable);
      }).pipe(finalize(calls.end)),
    ping: () => inEra((known) => known.ping?.() ?? known.greet(), true),
    changed$: changed.asObservable(),
    updated$: updated.asObservable(),
    completed$: completed.asObservable(),
    watch: (uri) => defer(() => inEra((known) => known.watch(uri), true)),
    async close(graceMs) {
      await calls.idle(graceMs);
      detection.stop(refusal('ERR_UPSTREAM_UNREACHABLE', 'The backend is closed'));
      if (era !== undefined) await lastValueFrom(era.end(), { defaultValue: undefined });
      await link.destroy();
      changed.complete();
      updated.complete();
      completed.complete();
    },
  };
};

const lost = (cause: unknown): Error =>
  refusal('ERR_UPSTREAM_SESSION_LOST', 'The backend was replaced during this call; it was not sent again', {
    cause,
  });
