import { filter, map, Observable, take } from 'rxjs';
import { Agent } from 'undici';
import { refusal } from '../../protocol/errors.js';
import { limits } from '../../config/limits.js';
import type { Place } from '../../streams/balancing/places.js';
import { alwaysOpen } from '../../streams/valve.js';
import { connectTo, type Way } from '../backends/connectTo.js';
import { fromDispatch } from '../fromDispatch.js';

/**
 * Asks an instance over HTTP whether it is alive: GET of a path, on a connection of its own. Any status below 500 is a sign of life, for
 * it takes a living server to want credentials or not to know a path.
 *
 * @param place where it is; the path starts at the root of its host
 * @param headers sent along
 */
export const httpProbe = (
  { url, ...way }: Pick<Place, 'url'> & Way,
  path: string,
  headers: Readonly<Record<string, string>>,
): Observable<unknown> => {
  const { origin } = new URL(url);
  return new Observable((subscriber) => {
    const agent = new Agent({ connections: 1, pipelining: 0, connect: connectTo(limits.connectMs, way) });
    // Nothing is left to finish: the answer has been seen, or nobody waits for it any more.
    subscriber.add(() => void agent.destroy());
    return fromDispatch(agent, { origin, path, method: 'GET', headers: { ...headers } }, alwaysOpen)
      .pipe(
        filter((part) => part.kind === 'head'),
        take(1), // the rest of the answer is not waited for
        map(({ status }) => {
          if (status >= 500)
            throw refusal('ERR_UPSTREAM_FAILED', `The health check answered with HTTP status ${status}`);
          return status;
        }),
      )
      .subscribe(subscriber);
  });
};
