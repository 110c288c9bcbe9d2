import type { Authenticated, Exchange, Viewpoint } from './exchange.js';

/** Where the caller of an exchange stands. */
export const viewpointOf = ({ origin, principal }: Exchange & Authenticated): Viewpoint => ({
  namespace: origin.namespace,
  principal,
});
