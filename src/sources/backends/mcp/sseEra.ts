import { EMPTY, defer } from 'rxjs';
import { refusal } from '../../../protocol/errors.js';
import { relayable } from '../../../protocol/input.js';
import { alwaysOpen } from '../../../streams/valve.js';
import type { HttpLink } from './httpLink.js';
import { legacyWatches } from './legacyWatches.js';
import { plainRequest } from './plainRequest.js';
import { ssePool } from './ssePool.js';
import { sseSession } from './sseSession.js';
import type { UpstreamEra, UpstreamRequest } from './upstreamEra.js';

/** Pause before the loss of a connection is told: doubled each time one was short, between these bounds, in milliseconds. */
const firstPauseMs = 250;
const longestPauseMs = 60_000;
/** A connection that lasted this long was not in vain, in milliseconds. */
const steadyMs = 30_000;

/**
 * A server over HTTP+SSE of 2024-11-05 (2.7): a stream for whatever it says, a POST for each message to it.
 *
 * One standing connection serves the calls that hear nothing but their answer, tells of changes and watches resources; others
 * have one each (see ssePool.ts). What is lost is opened again when it is needed: a lost standing connection is told as a change,
 * so that asking what the server offers now opens the next.
 */
export const sseEra = (link: HttpLink): UpstreamEra => {
  const pool = ssePool(link);
  let openedAt = 0;
  let pauseMs = 0;
  let telling: NodeJS.Timeout | undefined;

  const lost = (): void => {
    watches.lost(refusal('ERR_UPSTREAM_SESSION_LOST', 'The backend has forgotten what it was to watch'));
    const steady = Date.now() - openedAt >= steadyMs;
    pauseMs = steady ? firstPauseMs : Math.min(longestPauseMs, Math.max(firstPauseMs, pauseMs * 2));
    telling ??= setTimeout(() => {
      telling = undefined;
      link.listener.changed();
    }, pauseMs);
    telling.unref();
  };

  const standing = sseSession(
    link,
    { capabilities: {}, listener: link.listener, demand: alwaysOpen },
    { opened: () => void (openedAt = Date.now()), lost },
  );
  const watches = legacyWatches({
    send: (request) => standing.send(request),
    // The stream is open: there is nothing to wait for.
    heard: () => EMPTY,
  });

  return {
    greet: () => standing.greet(),
    ping: () => standing.send(plainRequest('ping', {})),
    send: (request) => defer(() => (hearsMore(request) ? pool : standing).send(request)),
    watch: (uri) => watches.watch(uri),
    // Annotations of headers mean nothing in this era.
    screen: () => undefined,
    end: (cause) =>
      defer(() => {
        clearTimeout(telling);
        const closed = cause ?? refusal('ERR_UPSTREAM_UNREACHABLE', 'The backend is closed');
        watches.stop(closed);
        standing.end(closed);
        pool.end(closed);
        return EMPTY;
      }),
  };
};

/** Whether anything but the answer may reach the call: questions, log messages, progress. */
const hearsMore = ({ capabilities, logLevel, progress }: UpstreamRequest): boolean =>
  progress || logLevel !== undefined || Object.keys(relayable(capabilities)).length > 0;
