import { knownPrincipal } from '../streams/knownPrincipal.js';
import type { Viewpoint } from '../streams/exchange.js';

/** Where a caller stands that nothing is known of, at the endpoint of all servers. */
export const anyone: Viewpoint = {
  namespace: undefined,
  principal: knownPrincipal({ id: 'anyone', method: 'none' }),
};
