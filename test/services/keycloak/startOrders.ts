import assert from 'node:assert/strict';
import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { startGuard, type Guard } from '../../support/startGuard.js';
import { startMcpBackend } from '../../support/startMcpBackend.js';
import type { Keycloak } from '../../support/services/startKeycloak.js';
import { claimsOf } from './claimsOf.js';

/** An MCP server behind the gateway that wants tokens of Keycloak made for it, with the scope `orders`. */
export interface Orders {
  readonly url: string;
  /** Every token that was sent to it. */
  readonly tokens: readonly string[];
  /** What it was asked with tokens that it accepts; `401 METHOD` with others. */
  readonly requests: Guard['requests'];
  close(): Promise<void>;
}

const audience = 'orders-api';

/** Starts it. It verifies signatures with the keys that Keycloak publishes now. */
export const startOrders = async (keycloak: Keycloak): Promise<Orders> => {
  const issuer = keycloak.issuer('sluice');
  const response = await fetch(`${issuer}/protocol/openid-connect/certs`);
  const { keys } = (await response.json()) as { readonly keys: readonly (JsonWebKey & { kid: string })[] };
  const isSigned = (token: string): boolean => {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { readonly kid: string };
    const key = keys.find((known) => known.kid === kid);
    assert.ok(key !== undefined, 'a key that Keycloak does not publish');
    return verify(
      'sha256',
      Buffer.from(`${header}.${payload}`),
      createPublicKey({ key, format: 'jwk' }),
      Buffer.from(signature, 'base64url'),
    );
  };
  const tokens = new Set<string>();
  const backend = await startMcpBackend();
  const guard: Guard = await startGuard({
    port: backend.port,
    issuers: () => [issuer],
    scopesFor: () => ['orders'],
    lookUp(token) {
      if (token === '') return undefined;
      tokens.add(token);
      const { aud, iss, exp, scope, azp } = claimsOf(token);
      const isGood =
        isSigned(token) &&
        iss === issuer &&
        [aud].flat().includes(audience) &&
        Number(exp) * 1000 > Date.now();
      if (!isGood) return undefined;
      return { resource: guard.url, scopes: String(scope).split(' '), clientId: String(azp) };
    },
  });
  return {
    url: guard.url,
    get tokens() {
      return [...tokens];
    },
    requests: guard.requests,
    async close() {
      await guard.close();
      await backend.close();
    },
  };
};
