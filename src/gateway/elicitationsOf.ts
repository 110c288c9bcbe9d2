import { merge, type Observable, type Subscription } from 'rxjs';
import { limits } from '../config/limits.js';
import { drain } from '../streams/drain.js';
import { Elicitations, type CompletedElicitation } from '../streams/elicitations.js';
import type { ConnectingPeople } from './connectingPeople.js';

/**
 * The elicitations that sessions were given, following what servers say of them, and who has agreed at a page of the gateway.
 *
 * @param completed$ of servers
 * @param subscriptions what holds the feeds, and ends them
 */
export const elicitationsOf = (
  completed$: Observable<CompletedElicitation>,
  connecting: ConnectingPeople,
  subscriptions: Subscription,
): Elicitations => {
  const elicitations = new Elicitations({
    maxPerSession: limits.elicitationsPerSession,
    max: limits.maxElicitations,
    ttlMs: limits.elicitationTtlMs,
    now: Date.now,
  });
  const all$ = merge(completed$, connecting.completed$);
  subscriptions.add(drain(all$, (completed) => elicitations.completed(completed)));
  subscriptions.add(() => connecting.close());
  return elicitations;
};
