import assert from 'node:assert/strict';
import type { Keycloak } from '../../support/services/startKeycloak.js';
import type { Person } from './people.js';

export interface Wanted {
  /** Default: `sluice`. */
  readonly realm?: string;
  readonly client: string;
  /** Its secret: a client without a person asks for itself. */
  readonly secret?: string;
  readonly person?: Person;
  readonly scope?: string;
}

/** A token that Keycloak gives without a browser: to a client for itself, or for a person's password. */
export const grant = async (
  keycloak: Keycloak,
  { realm = 'sluice', client, secret, person, scope }: Wanted,
): Promise<string> => {
  const response = await fetch(`${keycloak.issuer(realm)}/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams({
      client_id: client,
      ...(secret !== undefined && { client_secret: secret }),
      ...(scope !== undefined && { scope }),
      ...(person === undefined
        ? { grant_type: 'client_credentials' }
        : { grant_type: 'password', ...person }),
    }),
  });
  const body = (await response.json()) as { readonly access_token?: string };
  assert.ok(body.access_token !== undefined, JSON.stringify(body));
  return body.access_token;
};
