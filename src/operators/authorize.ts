import type { Decision } from '../streams/decision.js';
import type { Authenticated, Authorized, Exchange, InSession, Resolved } from '../streams/exchange.js';
import { followed } from '../streams/followed.js';
import type { Judge } from '../streams/judge.js';
import type { Limiter } from '../streams/limiter.js';
import type { RateLimits } from '../streams/rateLimits.js';
import { stage } from '../streams/stage.js';
import { confirmAllowed } from './confirmAllowed.js';
import { confirmScopes, type Admission } from './confirmScopes.js';

/**
 * Lets a call through only if the policies allow it.
 *
 * > A call is judged by the policies of the moment it arrives here. Whatever can't be decided is not allowed.
 *
 * ```
 * calls      --a-----b--|
 * authorize  --a-----#        b is refused: ERR_FORBIDDEN, ERR_HIDDEN, ERR_POLICY_FAILED where nothing could be decided, or
 *                             ERR_RATE_LIMITED where the policy allows only so many a minute
 * ```
 *
 * Policies in process are asked in the same frame; an OPA server takes its time.
 */
export const authorize = (
  judge: Pick<Judge, 'call'>,
  rates: Pick<RateLimits, 'ofPolicy'>,
  limiter: Limiter,
  admission: () => Admission | undefined,
) =>
  stage<Authenticated & InSession & Resolved, Authorized>((exchange) =>
    followed(judge.call(exchange), (decision) => {
      const passed = judged(exchange, decision);
      const { perMinute, scopes } = decision.obligations;
      if (scopes !== undefined) confirmScopes(exchange, scopes, admission());
      return perMinute === undefined
        ? passed
        : limiter.pass(passed, rates.ofPolicy(passed, decision.policy, perMinute));
    }),
  );

const judged = <E extends Exchange & Resolved>(exchange: E, decision: Decision): E & Authorized => {
  exchange.notes.decision = decision;
  confirmAllowed(exchange, withinReach(exchange, decision));
  return { ...exchange, decision };
};

/** What can't be done is a fault: a child process takes no headers. */
const withinReach = ({ target }: Resolved, decision: Decision): Decision =>
  decision.obligations.headers !== undefined && target.server.settings.type === 'stdio'
    ? { ...decision, fault: 'The policy wants headers, and the server is a child process' }
    : decision;
