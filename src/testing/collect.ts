import type { Departure, Outlet } from '../streams/exchange.js';
import type { Reply } from '../streams/reply.js';
import { valve } from '../streams/valve.js';

/** An outlet that keeps what leaves through it, and whose client can be made to go. */
export interface CollectingOutlet extends Outlet {
  readonly replies: readonly Reply[];
  readonly completed: boolean;
  /** The client goes: tells the listener as a real outlet does, unless the answer has left already. */
  leave(why?: Departure): void;
}

/** Makes an outlet for tests. */
export const collect = (): CollectingOutlet => {
  const replies: Reply[] = [];
  let listener: ((why: Departure) => void) | undefined;
  let completed = false;
  return {
    valve: valve(),
    replies,
    get completed() {
      return completed;
    },
    onGone: (gone) => {
      listener = gone;
    },
    next: (reply) => void replies.push(reply),
    error: (error) => {
      throw new Error('an outlet must never see an error', { cause: error });
    },
    complete: () => {
      completed = true;
    },
    leave: (why = 'left') => {
      if (!completed) listener?.(why);
    },
  };
};
