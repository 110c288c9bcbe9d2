import { EMPTY, catchError, concat, defer, ignoreElements, of, type Observable } from 'rxjs';
import type { Reply } from '../../../streams/reply.js';
import type { EraCodec } from '../mcp/eraCodec.js';
import type { LevelKeeper } from '../mcp/levelKeeper.js';
import type { Greeting, UpstreamEra, UpstreamRequest } from '../mcp/upstreamEra.js';
import type { PipeConnection } from './pipeConnection.js';

/**
 * A server on a pipe, in the era of the codec. The transports of both eras are alike here (3.14): requests are told apart by id,
 * and cancelled by notification.
 *
 * @param levels keeps a legacy server's log level; undefined in the modern era, where each request names its own
 */
export const stdioEra = (
  connection: PipeConnection,
  codec: EraCodec,
  greeting: Greeting,
  levels: LevelKeeper | undefined,
): UpstreamEra => {
  const send = (request: UpstreamRequest): Observable<Reply> => {
    const level = levels?.lower(request.logLevel);
    if (level === undefined) return connection.request(codec, request);
    // A call is worth more than its log: it goes out even if the level is refused.
    const set = connection.request(codec, level).pipe(
      ignoreElements(),
      catchError(() => EMPTY),
    );
    return concat(set, connection.request(codec, request));
  };
  return {
    greet: () => of(greeting),
    send: (request) => defer(() => send(request)),
    // Headers don't exist here, nor do their annotations matter.
    screen: () => undefined,
    end: () => EMPTY,
  };
};
