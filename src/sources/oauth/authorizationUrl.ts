import type { AuthorizationServer } from 'oauth4webapi';
import type { KnownClient } from '../../streams/grants.js';
import type { AddressPolicy } from './addressPolicy.js';
import { codeRequestUrl, type WayBack } from './codeRequestUrl.js';
import type { Asked } from './tokens.js';
import { unauthorized } from './unauthorized.js';

/**
 * Where a person authorizes the gateway (OAuth 2.1, 4.1.1).
 *
 * @returns makes the URL. Throws at once `ERR_UPSTREAM_UNAUTHORIZED` for an authorization server that nobody should be sent to
 */
export const authorizationUrl = (
  policy: AddressPolicy,
  as: AuthorizationServer,
): ((client: KnownClient, asked: Asked, back: WayBack) => URL) => {
  // Without PKCE a stolen code is a stolen token; who does not say S256 does not have it (2025-11-25: authorization).
  if (as.code_challenge_methods_supported?.includes('S256') !== true)
    throw unauthorized('The authorization server does not support PKCE with S256');
  if (as.authorization_endpoint === undefined)
    throw unauthorized('The authorization server has no authorization endpoint');
  const endpoint = policy.check(as.authorization_endpoint, 'The authorization endpoint');
  return ({ clientId }, { resource, scopes }, back) =>
    codeRequestUrl(endpoint, clientId, back, {
      ...(resource !== '' && { resource }),
      ...(scopes.length > 0 && { scope: scopes.join(' ') }),
      // OpenID Connect gives a refresh token only to who has asked the person again (Core, 11).
      ...(scopes.includes('offline_access') && { prompt: 'consent' }),
    });
};
