import assert from 'node:assert/strict';
import type { Keycloak } from '../../support/services/startKeycloak.js';
import type { Wanted } from './grant.js';

/** Has a client tell Keycloak that a token of its own is not to be good any more (RFC 7009). */
export const revoke = async (
  keycloak: Keycloak,
  { realm = 'sluice', client, secret }: Wanted,
  token: string,
): Promise<void> => {
  const response = await fetch(`${keycloak.issuer(realm)}/protocol/openid-connect/revoke`, {
    method: 'POST',
    body: new URLSearchParams({
      token,
      client_id: client,
      ...(secret !== undefined && { client_secret: secret }),
    }),
  });
  assert.equal(response.status, 200);
};
