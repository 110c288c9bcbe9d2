import { isObservable, map, type Observable } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import type { Decision } from '../streams/decision.js';
import type { Authenticated, Authorized, Exchange, InSession, Resolved } from '../streams/exchange.js';
import { stage } from '../streams/stage.js';

/** Says what the policies of the moment say of a call; an Observable of it where somebody else has to be asked. */
export type Decide = (
  exchange: Exchange & Authenticated & InSession & Resolved,
) => Decision | Observable<Decision>;

/**
 * Lets a call through only if the policies allow it.
 *
 * > A call is judged by the policies of the moment it arrives here. Whatever can't be decided is not allowed.
 *
 * ```
 * calls      --a-----b--|
 * authorize  --a-----#        b is refused: ERR_FORBIDDEN
 * ```
 */
export const authorize = (decide: Decide) =>
  stage<Authenticated & InSession & Resolved, Authorized>((exchange) => {
    const said = decide(exchange);
    return isObservable(said) ? said.pipe(map((later) => judged(exchange, later))) : judged(exchange, said);
  });

const judged = <E extends Exchange>(exchange: E, decision: Decision): E & Authorized => {
  if (!decision.allow) throw refusal('ERR_FORBIDDEN', decision.reason ?? 'A policy does not allow this call');
  return { ...exchange, decision };
};
