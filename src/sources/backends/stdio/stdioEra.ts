import { EMPTY, defer, of, type Observable } from 'rxjs';
import { refusal } from '../../../protocol/errors.js';
import type { Reply } from '../../../streams/reply.js';
import type { EraCodec } from '../mcp/eraCodec.js';
import { levelFirst } from '../mcp/levelFirst.js';
import type { LevelKeeper } from '../mcp/levelKeeper.js';
import type { Greeting, UpstreamEra, UpstreamRequest } from '../mcp/upstreamEra.js';
import type { Watches } from '../mcp/watches.js';
import type { PipeConnection } from './pipeConnection.js';

/**
 * A server on a pipe, in the era of the codec. The transports of both eras are alike here (3.14): requests are told apart by id,
 * and cancelled by notification.
 *
 * @param levels keeps a legacy server's log level; undefined in the modern era, where each request names its own
 * @param watches how changes are heard of in this era
 */
export const stdioEra = (
  connection: PipeConnection,
  codec: EraCodec,
  greeting: Greeting,
  levels: LevelKeeper | undefined,
  watches: Watches,
): UpstreamEra => {
  const request = (each: UpstreamRequest): Observable<Reply> => connection.request(codec, each);
  // A process that has ended fails the request in the same way as the level: nothing is to be told apart.
  const send = (each: UpstreamRequest): Observable<Reply> =>
    levels === undefined ? request(each) : levelFirst(levels, each, request, () => false);
  return {
    greet: () =>
      defer(() => {
        watches.greeted(greeting);
        return of(greeting);
      }),
    send: (request) => defer(() => send(request)),
    watch: (uri) => watches.watch(uri),
    // Headers don't exist here, nor do their annotations matter.
    screen: () => undefined,
    end: () =>
      defer(() => {
        watches.stop(refusal('ERR_UPSTREAM_UNREACHABLE', "The backend's process is not running"));
        return EMPTY;
      }),
  };
};
