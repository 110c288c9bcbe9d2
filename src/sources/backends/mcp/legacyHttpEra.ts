import { defer, finalize, merge, type Observable } from 'rxjs';
import { relayable } from '../../../protocol/input.js';
import type { Capabilities } from '../../../protocol/mcp.js';
import type { Reply } from '../../../streams/reply.js';
import type { HttpLink } from './httpLink.js';
import { legacyHttpSession } from './legacyHttpSession.js';
import type { UpstreamEra, UpstreamRequest } from './upstreamEra.js';

/** Sessions kept open for callers that can be asked for something; the one longest unused gives way. */
const maxSessions = 256;
/** Sessions for one principal with the same capabilities, where calls need one each; more calls than that share the first. */
const maxApart = 16;
/** A session unused for so long is ended, in milliseconds. */
const idleMs = 10 * 60_000;

interface Pooled {
  readonly era: UpstreamEra;
  usedAt: number;
  inUse: number;
}

/**
 * A server of the 2025 era over HTTP. What a client can be asked for is declared when a session opens, so callers who can be
 * asked have sessions of their own, one for each principal and set of capabilities; all others share one (5.2).
 *
 * Once a server has asked something on a session's own stream, where it does not say for which call, each of these calls has a
 * session to itself.
 */
export const legacyHttpEra = (link: HttpLink): UpstreamEra => {
  const shared = legacyHttpSession(link, { capabilities: {}, listens: true });
  const pool = new Map<string, Pooled>();
  let apart = false;

  const end = (era: UpstreamEra): void => {
    era.end().subscribe({
      error: (error: unknown) => link.log.debug({ server: link.name, err: error }, 'a session was not ended'),
    });
  };

  /** Ends what has been idle for long, and the longest unused when the pool is full. The map is in the order of use. */
  const makeRoom = (now: number): void => {
    for (const [key, { era, usedAt, inUse }] of pool) {
      if (pool.size < maxSessions && now - usedAt < idleMs) return;
      if (inUse > 0) continue;
      pool.delete(key);
      end(era);
    }
  };

  const freeKey = (first: string): string => {
    if (!apart) return first;
    const keys = Array.from({ length: maxApart }, (_, index) => (index === 0 ? first : `${index} ${first}`));
    return keys.find((key) => (pool.get(key)?.inUse ?? 0) === 0) ?? first;
  };

  const pooled = (principalId: string, capabilities: Capabilities): Pooled => {
    const now = Date.now();
    const key = freeKey(`${JSON.stringify(capabilities)} ${principalId}`);
    const known = pool.get(key);
    pool.delete(key);
    if (known === undefined) makeRoom(now);
    const session = known ?? {
      era: legacyHttpSession(link, { capabilities, listens: false, onAsked: () => void (apart = true) }),
      usedAt: now,
      inUse: 0,
    };
    session.usedAt = now;
    pool.set(key, session);
    return session;
  };

  const send = (request: UpstreamRequest): Observable<Reply> => {
    const capabilities = relayable(request.capabilities);
    if (Object.keys(capabilities).length === 0) return shared.send(request);
    const session = pooled(request.principalId, capabilities);
    session.inUse++;
    return session.era.send(request).pipe(
      finalize(() => {
        session.inUse--;
      }),
    );
  };

  return {
    greet: () => shared.greet(),
    send: (request) => defer(() => send(request)),
    watch: (uri) => shared.watch(uri),
    screen: (tool) => shared.screen(tool),
    end: (cause) =>
      defer(() => merge(shared.end(cause), ...[...pool.values()].map(({ era }) => era.end(cause)))),
  };
};
