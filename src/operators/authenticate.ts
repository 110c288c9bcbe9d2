import { stage } from '../streams/stage.js';
import { knownPrincipal } from '../streams/knownPrincipal.js';
import type { Authenticated, Exchange, Principal } from '../streams/exchange.js';

/** The caller of a gateway without authentication, which listens on loopback only. */
export const anonymous: Principal = knownPrincipal({ id: 'anonymous', method: 'none', anonymous: true });

/**
 * Finds out who calls.
 *
 * > Nobody is anybody until this has passed; every later operator relies on the principal.
 *
 * ```
 * calls         --a-----b--|
 * authenticate  --A-----B--|     with `principal`
 * ```
 *
 * @param identify gives the principal of an exchange, or throws; by default everybody is {@link anonymous}
 */
export const authenticate = (identify: (exchange: Exchange) => Principal = () => anonymous) =>
  stage<unknown, Authenticated>((exchange) => {
    const principal = identify(exchange);
    exchange.notes.principal = principal.id;
    return { ...exchange, principal };
  });
