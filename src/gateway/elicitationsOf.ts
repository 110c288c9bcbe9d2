import type { Observable, Subscription } from 'rxjs';
import { limits } from '../config/limits.js';
import { drain } from '../streams/drain.js';
import { Elicitations, type CompletedElicitation } from '../streams/elicitations.js';

/**
 * The elicitations that sessions were given, following what servers say of them.
 *
 * @param subscriptions what holds the feed, and ends it
 */
export const elicitationsOf = (
  completed$: Observable<CompletedElicitation>,
  subscriptions: Subscription,
): Elicitations => {
  const elicitations = new Elicitations({
    maxPerSession: limits.elicitationsPerSession,
    max: limits.maxElicitations,
    ttlMs: limits.elicitationTtlMs,
    now: Date.now,
  });
  subscriptions.add(drain(completed$, (completed) => elicitations.completed(completed)));
  return elicitations;
};
