import { catchError, map, throwError, type Observable } from 'rxjs';
import { GatewayError } from '../../../protocol/errors.js';
import { isObject } from '../../../protocol/jsonrpc.js';
import { EraContradicted } from './eraContradicted.js';
import type { HttpLink } from './httpLink.js';
import { HttpRefusal } from './httpRefusal.js';
import { legacyHttpEra } from './legacyHttpEra.js';
import { NoEndpoint } from './noEndpoint.js';
import { sseEra } from './sseEra.js';
import type { UpstreamEra } from './upstreamEra.js';

/** What a server turned out to speak. */
export interface FoundEra {
  readonly name: 'modern' | 'legacy' | 'sse';
  readonly era: UpstreamEra;
}

/**
 * Asks a server that refused the modern request which of the two older transports it has: `initialize` by POST, and where that
 * is refused as well, a stream that names an endpoint (2.7, 3.13). The other way round for an address that ends in `/sse`.
 *
 * @returns the era, with its session open. Errors: why the likelier of the two did not open
 */
export const legacyOrSse = (link: HttpLink): Observable<FoundEra> => {
  const legacy = greeted('legacy', legacyHttpEra(link));
  const sse = greeted('sse', sseEra(link));
  if (/\/sse\/?(\?|$)/.test(link.pathOf('') ?? ''))
    return sse.pipe(
      catchError((error: unknown) => (error instanceof NoEndpoint ? legacy : throwError(() => error))),
    );
  return legacy.pipe(
    catchError((refused: unknown) => {
      if (!isRefused(refused)) return throwError(() => refused);
      return sse.pipe(
        catchError((error: unknown) => throwError(() => (error instanceof NoEndpoint ? refused : error))),
      );
    }),
  );
};

const greeted = (name: FoundEra['name'], era: UpstreamEra): Observable<FoundEra> =>
  era.greet().pipe(map(() => ({ name, era })));

/** `initialize` was refused by what may not be for POSTs at all. */
const isRefused = (error: unknown): boolean => {
  if (!(error instanceof GatewayError) || error instanceof EraContradicted) return false;
  const { cause } = error;
  return cause instanceof HttpRefusal
    ? cause.isAboutRequest
    : isObject(cause) && typeof cause['code'] === 'number';
};
