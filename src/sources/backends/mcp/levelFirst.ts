import { catchError, concat, defer, EMPTY, ignoreElements, throwError, type Observable } from 'rxjs';
import type { Reply } from '../../../streams/reply.js';
import type { LevelKeeper } from './levelKeeper.js';
import type { UpstreamRequest } from './upstreamEra.js';

/**
 * Sends a request to a legacy server after the log level that it wants, where the session does not have it yet.
 *
 * A level that is refused is passed over in silence: a call is worth more than its log, and goes out all the same.
 *
 * @param isOver whether an error says that the session is gone: the request would fail as well, and the caller mends that
 */
export const levelFirst = (
  levels: LevelKeeper,
  request: UpstreamRequest,
  send: (request: UpstreamRequest) => Observable<Reply>,
  isOver: (error: unknown) => boolean,
): Observable<Reply> => {
  const level = levels.lower(request.logLevel);
  if (level === undefined) return send(request);
  const set$ = send(level).pipe(
    ignoreElements(),
    catchError((error: unknown) => (isOver(error) ? throwError(() => error) : EMPTY)),
  );
  return concat(
    set$,
    defer(() => send(request)),
  );
};
