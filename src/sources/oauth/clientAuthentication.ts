import { map, of, type Observable } from 'rxjs';
import {
  ClientSecretPost,
  None,
  PrivateKeyJwt,
  type AuthorizationServer,
  type ClientAuth,
} from 'oauth4webapi';
import type { OAuthClientSettings } from '../../config/oauthSettings.js';
import type { KnownClient } from '../../streams/grants.js';
import { clientKey } from './clientKey.js';
import { unauthorized } from './unauthorized.js';

/**
 * How the gateway proves who it is at the token endpoint: as configured, as registered, or the best that the authorization server
 * knows and we have the means for.
 *
 * @returns one. Errors: `ERR_UPSTREAM_UNAUTHORIZED` where nothing fits
 */
export const clientAuthentication = (
  as: AuthorizationServer,
  client: KnownClient,
  { clientId, privateKey, tokenEndpointAuthMethod }: OAuthClientSettings,
): Observable<ClientAuth> => {
  const key = clientId === client.clientId ? privateKey : undefined;
  const method = tokenEndpointAuthMethod ?? client.authMethod ?? best(as, client, key !== undefined);
  const { clientSecret } = client;
  switch (method) {
    case 'none':
      return of(None());
    case 'private_key_jwt':
      if (key === undefined) break;
      return clientKey(key).pipe(map((imported) => PrivateKeyJwt(imported)));
    case 'client_secret_post':
      if (clientSecret === undefined) break;
      return of(ClientSecretPost(clientSecret));
    case 'client_secret_basic':
      if (clientSecret === undefined) break;
      return of(basic(clientSecret));
    case undefined:
      break;
  }
  throw unauthorized('The authorization server wants a proof of identity that the gateway does not have');
};

const best = (
  as: AuthorizationServer,
  { clientSecret }: KnownClient,
  hasKey: boolean,
): string | undefined => {
  // Where nothing is said, it is the first (RFC 8414, 2).
  const known = as.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  if (hasKey) return 'private_key_jwt';
  if (clientSecret === undefined) return 'none';
  return ['client_secret_basic', 'client_secret_post', 'none'].find((method) => known.includes(method));
};

/** RFC 6749, 2.3.1: both form-encoded. The library also encodes what needs no encoding, which some servers do not decode. */
const basic =
  (secret: string): ClientAuth =>
  (_as, client, _body, headers) => {
    const pair = `${formEncoded(client.client_id)}:${formEncoded(secret)}`;
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
  };

/** With `%20` for a space, which who decodes it as a URL understands as well. */
const formEncoded = (text: string): string =>
  new URLSearchParams({ '': text }).toString().slice(1).replaceAll('+', '%20');
