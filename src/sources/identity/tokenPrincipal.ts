import type { IssuerSettings } from '../../config/authSettings.js';
import { textClaim, wordsClaim, type Claims } from '../../protocol/identity/claims.js';
import type { Principal } from '../../streams/exchange.js';
import { knownPrincipal } from '../../streams/knownPrincipal.js';
import { notAccepted } from './notAccepted.js';

/**
 * Whom the claims of a checked token speak of.
 *
 * @throws GatewayError `ERR_CREDENTIAL_INVALID` for claims that name nobody
 */
export const tokenPrincipal = (
  claims: Claims,
  { issuer, claims: at, skewMs }: IssuerSettings,
  method: 'jwt' | 'introspection',
): Principal => {
  const user = textClaim(claims, at.user);
  const clientId =
    at.client === undefined
      ? (textClaim(claims, 'client_id') ?? textClaim(claims, 'azp'))
      : textClaim(claims, at.client);
  if (user === undefined && clientId === undefined) throw notAccepted('The token names nobody');
  const tenant = textClaim(claims, at.tenant);
  // Who works for two tenants is somebody else in each: sessions and tasks of the one are not there in the other. An issuer is a URL and
  // has no spaces, and a tenant is in quotes: no two are written alike.
  const place = tenant === undefined ? issuer : `${issuer} tenant ${JSON.stringify(tenant)}`;
  const exp = claims['exp'];
  return knownPrincipal({
    id: `${place} ${user === undefined ? `client ${clientId ?? ''}` : `user ${user}`}`,
    method,
    user,
    clientId,
    tenant,
    scopes: at.scopes === undefined ? scopesOf(claims) : wordsClaim(claims, at.scopes),
    roles: wordsClaim(claims, at.roles),
    claims,
    expiresAt: typeof exp === 'number' ? exp * 1000 + skewMs : undefined,
  });
};

const scopesOf = (claims: Claims): readonly string[] => [
  ...wordsClaim(claims, 'scope'),
  ...wordsClaim(claims, 'scp'),
];
