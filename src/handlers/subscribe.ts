import { concat, concatMap, defer, map, mergeMap, type Observable } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import { confirmAllowed } from '../operators/confirmAllowed.js';
import { confirmScopes, type Admission } from '../operators/confirmScopes.js';
import type { Handler } from '../operators/handle.js';
import type { Authenticated, Exchange } from '../streams/exchange.js';
import { changeSession } from '../streams/changeSession.js';
import { prompted } from '../streams/prompted.js';
import { result } from '../streams/reply.js';
import type { SessionStore } from '../streams/sessions.js';
import type { StreamLimit } from '../streams/streamLimits.js';
import type { Subscriptions } from '../streams/subscriptions.js';
import type { SubscriptionsOfSessions } from '../streams/subscriptionsOfSessions.js';
import { takeSlots } from '../streams/takeSlots.js';
import { viewpointOf } from '../streams/viewpointOf.js';
import type { JudgeWatch } from './judgeWatch.js';

export interface SubscribeOptions {
  /** Where it is noted, for whichever instance the session goes to. */
  readonly sessions: SessionStore;
  readonly subscriptions: Subscriptions;
  readonly ofSessions: SubscriptionsOfSessions;
  readonly judgeWatch: JudgeWatch;
  readonly admission: () => Admission | undefined;
  /** Completes when the catalogue is as fresh as it can be now. */
  readonly refresh: () => Observable<never>;
  /** How many resources a client may watch. */
  readonly limit: StreamLimit<Exchange & Authenticated>;
}

/**
 * `resources/subscribe` (2025 era): from now on the session's standalone stream tells when this resource changes.
 *
 * Answered when the server watches the resource, or after a while if it is slow or away: it will then, as soon as it can.
 */
export const subscribe =
  ({
    sessions,
    subscriptions,
    ofSessions,
    judgeWatch,
    admission,
    refresh,
    limit,
  }: SubscribeOptions): Handler =>
  (exchange) => {
    const { message, session } = exchange;
    if (session === undefined)
      throw refusal('ERR_SESSION_REQUIRED', 'resources/subscribe belongs to a session');
    const uri = String(message.params?.['uri']);
    const from = viewpointOf(exchange);
    const subscribed$ = defer(() => prompted(judgeWatch(exchange, uri))).pipe(
      mergeMap((decision) => {
        confirmAllowed(exchange, decision);
        confirmScopes(exchange, decision.obligations.scopes ?? [], admission());
        return ofSessions.add(session.id, from, uri, () => takeSlots(exchange, limit));
      }),
      concatMap(() =>
        changeSession(sessions, session.id, (now) => ({
          ...now,
          watched: ofSessions.watched(now.id, now.watched),
        })),
      ),
      map(() => result({})),
    );
    if (subscriptions.knows(from, uri)) return subscribed$;
    // It may have come up a moment ago; if it has not, the subscription is refused.
    return concat(
      refresh(),
      defer(() => subscribed$),
    );
  };
