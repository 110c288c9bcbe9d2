import { Pool } from 'undici';
import { connectTo, type Way } from '../connectTo.js';

/** The connections to one instance. */
export interface OriginPool {
  /** The pool of an origin. A new origin retires the pool of the old one: its calls finish, then it closes. */
  to(origin: string): Pool;
  /** Lets calls finish for `graceMs` milliseconds, then breaks them off. Resolves when every connection is closed. */
  close(graceMs: number): Promise<void>;
}

/**
 * One undici pool, opened when it is first needed. It sets no time limits on answers: the pipeline's `within` does.
 *
 * @param connectMs longest time for opening a connection
 * @param way how they are opened
 */
export const originPool = (connectMs: number, way: Way): OriginPool => {
  const retired = new Set<Promise<void>>();
  let pool: Pool | undefined;
  let current: string | undefined;
  let closed = false;
  const open = (origin: string): Pool =>
    new Pool(origin, {
      // As many as there are calls, whose number the gateway bounds (`streams.per_server`, `concurrency`): a call that waits for a
      // connection would wait where nobody sees it.
      connections: null,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: connectTo(connectMs, way),
    });
  return {
    to(origin) {
      if (pool !== undefined && (current === origin || closed)) return pool;
      if (pool !== undefined) {
        const old: Promise<void> = pool.close().finally(() => retired.delete(old));
        retired.add(old);
      }
      current = origin;
      pool = open(origin);
      // A backend that is closed stays closed: a call that comes late fails as unreachable.
      if (closed) void pool.destroy();
      return pool;
    },
    async close(graceMs) {
      closed = true;
      if (pool === undefined) return;
      const last = pool;
      let timer: NodeJS.Timeout | undefined;
      const broken = new Promise<void>((resolve, reject) => {
        timer = setTimeout(() => void last.destroy().then(resolve, reject), graceMs);
      });
      const gone = Promise.all([last.destroyed ? undefined : last.close(), ...retired]).then(() => undefined);
      await Promise.race([gone, broken]);
      clearTimeout(timer);
    },
  };
};
