import { of, throwError, type Observable } from 'rxjs';
import type { Reply } from '../../../streams/reply.js';
import { EraContradicted } from './eraContradicted.js';
import type { HttpRefusal } from './httpRefusal.js';

/**
 * What a legacy server means by refusing a request by status, for another reason than its session: its own word, that it speaks
 * the other era, or a failure.
 *
 * @returns the server's own error as a reply. Errors: `EraContradicted`, those of `HttpRefusal.toGatewayError`
 */
export const judgeRefusal = (refused: HttpRefusal): Observable<Reply> => {
  const { error } = refused;
  if (!refused.isAboutRequest) return throwError(() => refused.toGatewayError());
  if (error === undefined) return throwError(() => new EraContradicted(false, refused));
  if (error.code <= -32020 && error.code >= -32022)
    return throwError(() => new EraContradicted(true, refused));
  if (error.code <= -32000 && error.code >= -32019) return throwError(() => refused.toGatewayError());
  return of({ kind: 'error', error });
};
