import type { Principal } from './exchange.js';

/**
 * A principal of which no more is known than what is given.
 *
 * @param facts at the least its `id`, unique and stable
 */
export const knownPrincipal = (facts: Partial<Principal> & Pick<Principal, 'id'>): Principal =>
  Object.freeze({
    method: 'custom',
    user: undefined,
    clientId: undefined,
    tenant: undefined,
    scopes: none,
    roles: none,
    claims: noClaims,
    expiresAt: undefined,
    reach: undefined,
    ...facts,
  });

const none: readonly string[] = Object.freeze([]);
const noClaims = Object.freeze({});
