import { isObservable, map } from 'rxjs';
import { knownPrincipal } from '../streams/knownPrincipal.js';
import type { Authenticated, Exchange, Principal } from '../streams/exchange.js';
import type { Identify } from '../streams/identify.js';
import { stage } from '../streams/stage.js';

/** The caller of a gateway without authentication, which listens on loopback only. */
export const anonymous: Principal = knownPrincipal({ id: 'anonymous', method: 'none', anonymous: true });

/**
 * Finds out who calls.
 *
 * > Nobody is anybody until this has passed; every later operator relies on the principal.
 *
 * ```
 * calls         --a-----b--c---|
 * authenticate  --A-------B#         with `principal`; b's token is new and has to be checked, c is refused
 * ```
 *
 * @param identify gives the principal of whoever sent the exchange, at once where it is known already, or throws; by default
 *   everybody is {@link anonymous}
 */
export const authenticate = (identify: Identify = () => anonymous) =>
  stage<unknown, Authenticated>((exchange) => {
    const found = identify(exchange.origin);
    return isObservable(found)
      ? found.pipe(map((principal) => known(exchange, principal)))
      : known(exchange, found);
  });

const known = <E extends Exchange>(exchange: E, principal: Principal): E & Authenticated => {
  exchange.notes.principal = principal;
  return { ...exchange, principal };
};
