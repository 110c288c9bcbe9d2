import { auditTime, defer, map, Observable, retry, timer } from 'rxjs';
import type { ConsulSettings } from '../../config/consulSettings.js';
import { consulClient } from './consulClient.js';
import { ConsulFeeds } from './consulFeeds.js';
import { nothingDiscovered, type Discovery } from './discovery.js';

/** Changes within this time are one change, in milliseconds: a deployment registers many services at once. */
const settleMs = 25;
/** How soon to look again for files of `tls` that could not be read, in milliseconds. */
const retryMs = 5000;

/**
 * The MCP services of a Consul cluster as servers of the gateway, now and whenever they change.
 *
 * > Keeps the last good picture: while the agent is away, what it said last stands.
 *
 * ```
 * Consul      --a--b---x  x   x--c--
 * fromConsul  --A--B---b---------C--     b: the same servers, and why they may be out of date
 * ```
 *
 * @returns discoveries; never errors, never completes
 */
export const fromConsul = (settings: ConsulSettings): Observable<Discovery> =>
  new Observable((subscriber) =>
    defer(() => fromFeeds(settings))
      .pipe(
        retry({
          delay: () => {
            const failure = 'A file of `consul.tls` can not be read';
            subscriber.next({ ...nothingDiscovered, answered: true, failure });
            return timer(retryMs);
          },
        }),
      )
      .subscribe(subscriber),
  );

const fromFeeds = (settings: ConsulSettings): Observable<Discovery> =>
  new Observable((subscriber) => {
    const feeds = new ConsulFeeds(consulClient(settings), settings);
    subscriber.add(
      feeds.changes$
        .pipe(
          auditTime(settleMs),
          map(() => feeds.discovery()),
        )
        .subscribe(subscriber),
    );
    return () => feeds.close();
  });
