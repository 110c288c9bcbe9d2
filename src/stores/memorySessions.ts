import { asyncScheduler, interval, Subject, type SchedulerLike } from 'rxjs';
import { exhausted } from '../protocol/exhausted.js';
import type { Session, SessionEvent, SessionStore } from '../streams/sessions.js';

export interface MemorySessionsOptions {
  /** A session unused for so many milliseconds ends. */
  readonly ttlMs: number;
  /** How many may be live; one more is refused, so that opening sessions can't exhaust the memory. */
  readonly max: number;
  /** Time, for tests. */
  readonly scheduler?: SchedulerLike;
}

interface Entry {
  session: Session;
  expiresAt: number;
}

/** How often expired sessions are looked for, as a share of the TTL, within bounds. */
const sweepMs = (ttlMs: number): number => Math.min(Math.max(ttlMs / 10, 100), 30_000);

/** Sessions in this process. Every answer is at hand; expiry is exact on `get` and swept in between. */
export const memorySessions = ({
  ttlMs,
  max,
  scheduler = asyncScheduler,
}: MemorySessionsOptions): SessionStore => {
  const entries = new Map<string, Entry>();
  const changes = new Subject<SessionEvent>();

  const drop = (id: string): boolean => {
    if (!entries.delete(id)) return false;
    changes.next({ kind: 'ended', id });
    return true;
  };
  const sweep = interval(sweepMs(ttlMs), scheduler).subscribe(() => {
    const now = scheduler.now();
    for (const [id, { expiresAt }] of entries) if (expiresAt <= now) drop(id);
  });

  return {
    get(id) {
      const entry = entries.get(id);
      if (entry === undefined) return undefined;
      const now = scheduler.now();
      if (entry.expiresAt <= now) {
        drop(id);
        return undefined;
      }
      entry.expiresAt = now + ttlMs;
      return entry.session;
    },
    put(session) {
      const isNew = !entries.has(session.id);
      if (isNew && entries.size >= max)
        throw exhausted('ERR_SESSIONS_EXHAUSTED', 'Too many sessions are open: try again later', {
          limit: 'sessions.max',
          max,
          retryAfter: 30,
        });
      entries.set(session.id, { session, expiresAt: scheduler.now() + ttlMs });
      if (isNew) changes.next({ kind: 'opened', id: session.id });
    },
    delete: drop,
    changes$: changes.asObservable(),
    get size() {
      return entries.size;
    },
    close() {
      sweep.unsubscribe();
      changes.complete();
    },
  };
};
