import { defer, finalize, merge, tap, type Observable } from 'rxjs';
import { canonicalJson } from '../../../protocol/canonicalJson.js';
import { exhausted } from '../../../protocol/exhausted.js';
import { relayable } from '../../../protocol/input.js';
import type { Capabilities } from '../../../protocol/mcp.js';
import { asTask, isTaskCreated } from '../../../protocol/tasks.js';
import { elicitationIds } from '../../../streams/elicitationIds.js';
import type { Reply } from '../../../streams/reply.js';
import type { HttpLink } from './httpLink.js';
import { legacyHttpSession } from './legacyHttpSession.js';
import { plainRequest } from './plainRequest.js';
import { TaskHomes } from './taskHomes.js';
import type { UpstreamEra, UpstreamRequest } from './upstreamEra.js';

/** Sessions kept open for callers that can be asked for something; the one longest unused gives way. */
const maxSessions = 256;
/** Sessions for one principal with the same capabilities, where calls need one each; more calls than that share the first. */
const maxApart = 16;
const unusedMs = 10 * 60_000;
/** A session whose server sent a user to a URL is kept this long for its word that the user is done, in milliseconds. */
const elicitationMs = 30 * 60_000;

export interface LegacyHttpEraOptions {
  /** A session unused for so long is ended, in milliseconds. */
  readonly idleMs?: number;
  /** Most sessions for callers that can be asked for something. */
  readonly max?: number;
}

interface Pooled {
  readonly era: UpstreamEra;
  usedAt: number;
  inUse: number;
  /** Until when its server may say that an elicitation is done, in epoch milliseconds. */
  awaitedUntil: number;
}

/**
 * A server of the 2025 era over HTTP. What a client can be asked for is declared when a session opens, so callers who can be
 * asked have sessions of their own, one for each principal and set of capabilities; all others share one (5.2).
 *
 * Once a server has asked something on a session's own stream, where it does not say for which call, each of these calls has a
 * session to itself. What is asked of a task goes to the session it was begun in, which is kept for it.
 */
export const legacyHttpEra = (
  link: HttpLink,
  { idleMs = unusedMs, max = maxSessions }: LegacyHttpEraOptions = {},
): UpstreamEra => {
  const shared = legacyHttpSession(link, { capabilities: {}, listens: true });
  const pool = new Map<string, Pooled>();
  const homes = new TaskHomes();
  let apart = false;

  const end = (era: UpstreamEra): void => {
    era.end().subscribe({
      error: (error: unknown) => link.log.debug({ server: link.name, err: error }, 'a session was not ended'),
    });
  };

  /** Ends the longest unused if the pool is full, and tells whether there is room now. The map is in the order of use. */
  const makeRoom = (): boolean => {
    if (pool.size < max) return true;
    for (const [key, { era, inUse }] of pool) {
      if (inUse > 0) continue;
      pool.delete(key);
      end(era);
      return true;
    }
    return false;
  };

  let sweeping: NodeJS.Timeout | undefined;
  /** Ends what has been unused for long, and comes back when the next will have been. */
  const sweep = (): void => {
    sweeping = undefined;
    const now = Date.now();
    let next = Infinity;
    for (const [key, { era, usedAt, inUse, awaitedUntil }] of pool) {
      if (inUse > 0) continue;
      const due = Math.max(usedAt + idleMs, awaitedUntil, homes.keptUntil(key));
      if (now >= due) {
        pool.delete(key);
        end(era);
      } else next = Math.min(next, due - now);
    }
    if (next < Infinity) schedule(next);
  };
  const schedule = (ms: number): void => {
    sweeping ??= setTimeout(sweep, ms);
    sweeping.unref();
  };

  const freeKey = (first: string): string => {
    if (!apart) return first;
    const keys = Array.from({ length: maxApart }, (_, index) => (index === 0 ? first : `${index} ${first}`));
    return keys.find((key) => (pool.get(key)?.inUse ?? 0) === 0) ?? first;
  };

  const pooled = (key: string, capabilities: Capabilities, principalId: string): Pooled => {
    const known = pool.get(key);
    if (known === undefined && !makeRoom())
      throw exhausted('ERR_SERVER_EXHAUSTED', 'All sessions to this server are in use: try again later', {
        limit: 'sessions to one server',
        max,
      });
    pool.delete(key);
    const session = known ?? {
      era: legacyHttpSession(link, {
        capabilities,
        listens: false,
        principalId,
        onAsked: () => void (apart = true),
      }),
      usedAt: 0,
      inUse: 0,
      awaitedUntil: 0,
    };
    pool.set(key, session);
    return session;
  };

  const send = (request: UpstreamRequest): Observable<Reply> => {
    const capabilities = relayable(request.capabilities);
    if (Object.keys(capabilities).length === 0) return shared.send(request);
    const home = homes.homeOf(request.principalId, request.params['taskId']);
    const key = home ?? freeKey(`${canonicalJson(capabilities)} ${request.principalId}`);
    const session = pooled(key, capabilities, request.principalId);
    session.inUse++;
    return session.era.send(request).pipe(
      tap((reply) => {
        if (elicitationIds(reply).length > 0) session.awaitedUntil = Date.now() + elicitationMs;
        const task =
          reply.kind === 'result' && isTaskCreated(reply.result) ? asTask(reply.result) : undefined;
        if (task !== undefined) homes.remember(request.principalId, task.taskId, key, task.ttlMs);
      }),
      finalize(() => {
        session.inUse--;
        session.usedAt = Date.now();
        schedule(idleMs);
      }),
    );
  };

  return {
    greet: () => shared.greet(),
    ping: () => shared.send(plainRequest('ping', {})),
    send: (request) => defer(() => send(request)),
    watch: (uri) => shared.watch(uri),
    screen: (tool) => shared.screen(tool),
    end: (cause) =>
      defer(() => {
        clearTimeout(sweeping);
        sweeping = undefined;
        const sessions = [...pool.values()];
        pool.clear();
        return merge(shared.end(cause), ...sessions.map(({ era }) => era.end(cause)));
      }),
  };
};
