import type { Observable, Subscription } from 'rxjs';
import { drain } from '../streams/drain.js';
import type { SessionEvent } from '../streams/sessions.js';

/** What keeps something of sessions, as long as they live. */
interface Keeper {
  endSession(id: string): void;
}

/** Lets all that is kept of a session end with it, in the order given. */
export const endWithSessions = (
  changes$: Observable<SessionEvent>,
  keepers: readonly Keeper[],
): Subscription =>
  drain(changes$, ({ kind, id }) => {
    if (kind === 'ended') for (const keeper of keepers) keeper.endSession(id);
  });
