import { map, mergeMap, of, type Observable } from 'rxjs';
import { prompted } from './prompted.js';
import type { Session, SessionStore } from './sessions.js';

/** Puts another value of a session, made of the one that is there by then; nothing for one that has ended. Emits when that is done. */
export const changeSession = (
  sessions: SessionStore,
  id: string,
  change: (session: Session) => Session,
): Observable<undefined> =>
  prompted(sessions.get(id)).pipe(
    mergeMap((session) => (session === undefined ? of(undefined) : prompted(sessions.put(change(session))))),
    map(() => undefined),
  );
