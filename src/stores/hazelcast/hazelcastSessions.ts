import {
  asyncScheduler,
  catchError,
  EMPTY,
  exhaustMap,
  from,
  interval,
  map,
  mergeMap,
  of,
  Subject,
  Subscription,
  tap,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { exhausted } from '../../protocol/exhausted.js';
import type { Session, SessionEvent, SessionStore } from '../../streams/sessions.js';
import { afterAbsence } from './afterAbsence.js';
import type { HazelcastLink } from './hazelcastLink.js';
import { sessionTimes } from './sessionTimes.js';
import { sessionsMap } from './sessionsMap.js';

export interface HazelcastSessionsOptions {
  readonly link: HazelcastLink;
  /** A session unused for so many milliseconds ends; up to a tenth of it (at most 30 s, at least 1 s) later, see below. */
  readonly ttlMs: number;
  /** How many may be live in the whole cluster; instances that open some at the same moment may exceed it by as many. */
  readonly max: number;
  /** Time, for tests. */
  readonly scheduler?: SchedulerLike;
}

/** How long after its end somebody may yet hear that a session began, in milliseconds: members answer within 8 s, or are given up. */
const lateMs = 30_000;
/** Members asked at a time while sessions are looked through. */
const atOnce = 16;

/**
 * Sessions in a Hazelcast cluster, shared by all gateways on it.
 *
 * A member forgets a session after its time to live, which is renewed as it is used: not by every use, that would double the
 * traffic, but once in a tenth of it, and members are told to keep it so much longer. Max-idle of the members would do the same
 * with less, but a backup does not see what is read: a member killed would take used sessions for idle ones.
 *
 * The ids of all sessions are known here, so that `size` is at hand and what ended while the cluster was away can be told.
 */
export const hazelcastSessions = ({
  link,
  ttlMs,
  max,
  scheduler = asyncScheduler,
}: HazelcastSessionsOptions): SessionStore => {
  const { keptMs, renewMs } = sessionTimes(ttlMs);
  /** Id → when it was renewed from here, 0 for those that others use. */
  const known = new Map<string, number>();
  /** What has ended lately, and when: ids are never used again, so news of one that is here can only be late. */
  const over = new Map<string, number>();
  const changes = new Subject<SessionEvent>();
  const feeds = new Subscription();

  const began = (id: string, at = 0): void => {
    if (over.has(id)) return;
    const isNew = !known.has(id);
    if (isNew || at > 0) known.set(id, at);
    if (isNew) changes.next({ kind: 'opened', id });
  };
  const ended = (id: string): void => {
    if (!known.delete(id)) return;
    over.set(id, scheduler.now());
    changes.next({ kind: 'ended', id });
  };
  const renewed = (session: Session): Observable<Session | undefined> => {
    const { id } = session;
    const at = scheduler.now();
    if (at - (known.get(id) ?? 0) < renewMs) return of(session);
    return link
      .use(sessionsMap, (sessions) => sessions.setTtl(id, keptMs))
      .pipe(
        map((isThere) => {
          if (isThere) began(id, at);
          else ended(id);
          return isThere ? session : undefined;
        }),
      );
  };
  /** Another value of a session, unless that has ended meanwhile; where it is at home is not for this to change. */
  const changed = (session: Session): Observable<void> =>
    link.use(sessionsMap, async (sessions) => {
      for (;;) {
        const before = (await sessions.get(session.id)) as Session | null;
        if (before === null) return;
        if (await sessions.replaceIfSame(session.id, before, { ...session, home: before.home })) break;
      }
      await sessions.setTtl(session.id, keptMs);
    });
  /** Members forget what expires when they come by; asking for it makes them tell everybody at once. */
  const check = (id: string): Observable<unknown> =>
    link
      .use(sessionsMap, (sessions) => sessions.containsKey(id))
      .pipe(
        tap((isThere) => {
          if (!isThere) ended(id);
          else if (known.has(id)) known.set(id, scheduler.now() - keptMs + renewMs);
        }),
        catchError(() => EMPTY), // away: the next round asks again
      );
  const overdue = (): string[] => {
    const before = scheduler.now() - keptMs;
    return [...known].flatMap(([id, at]) => (at > 0 && at <= before ? [id] : []));
  };
  const forget = (): void => {
    const before = scheduler.now() - lateMs;
    for (const [id, at] of over) {
      if (at > before) break;
      over.delete(id);
    }
  };
  /** What there is, after a time in which nothing was heard. */
  const reconcile = (): Observable<unknown> => {
    const since = scheduler.now();
    return link
      .use(sessionsMap, (sessions) => sessions.keySet())
      .pipe(
        tap((ids) => {
          const live = new Set(ids);
          for (const id of live) began(id);
          for (const [id, at] of [...known]) if (!live.has(id) && at < since) ended(id);
        }),
      );
  };
  feeds.add(afterAbsence(link, reconcile, scheduler).subscribe());
  feeds.add(
    link.changes(sessionsMap).subscribe(({ kind, key }) => (kind === 'gone' ? ended(key) : began(key))),
  );
  feeds.add(
    interval(renewMs / 2, scheduler)
      .pipe(
        tap(forget),
        exhaustMap(() => from(overdue()).pipe(mergeMap(check, atOnce))),
      )
      .subscribe(),
  );

  return {
    get: (id) =>
      link
        .use(sessionsMap, (sessions) => sessions.get(id))
        .pipe(
          mergeMap((found) => {
            if (found !== null) return renewed(withNamespace(found as Session));
            ended(id);
            return of(undefined);
          }),
        ),
    put(session) {
      const { id } = session;
      if (known.has(id)) return changed(session);
      if (known.size >= max)
        throw exhausted('ERR_SESSIONS_EXHAUSTED', 'Too many sessions are open: try again later', {
          limit: 'sessions.max',
          max,
          retryAfter: 30,
        });
      return link
        .use(sessionsMap, (sessions) => sessions.set(id, session, keptMs))
        .pipe(map(() => began(id, scheduler.now())));
    },
    delete: (id) =>
      link
        .use(sessionsMap, (sessions) => sessions.remove(id))
        .pipe(
          map((before) => {
            ended(id);
            return before !== null;
          }),
        ),
    changes$: changes.asObservable(),
    get size() {
      return known.size;
    },
    close() {
      feeds.unsubscribe();
      changes.complete();
    },
  };
};

/** JSON leaves out what is undefined; a session has its key all the same. */
const withNamespace = (session: Session): Session => ({
  ...session,
  namespace: session.namespace,
  clientInfo: session.clientInfo,
});
