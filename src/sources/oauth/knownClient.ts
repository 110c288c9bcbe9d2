import { defer, map, of, type Observable } from 'rxjs';
import type { AuthorizationServer } from 'oauth4webapi';
import type { OAuthSettings } from '../../config/oauthSettings.js';
import { isObject } from '../../protocol/jsonrpc.js';
import { parseJson } from '../../protocol/parseJson.js';
import type { KnownClient } from '../../streams/grants.js';
import type { OAuthHttp } from './oauthHttp.js';
import { unauthorized } from './unauthorized.js';

export interface KnownClientOptions {
  readonly http: OAuthHttp;
  readonly as: AuthorizationServer;
  readonly settings: OAuthSettings;
  /** As registered there before. */
  readonly registered: KnownClient | undefined;
  /** Undefined where no browser comes back. */
  readonly redirectUri: string | undefined;
  readonly now: () => number;
}

/**
 * The gateway as the authorization server knows it, in the order of the specification: the configured client, a client ID metadata
 * document (CIMD), a registration of before, a new one (RFC 7591).
 *
 * @returns one. Errors: `ERR_UPSTREAM_UNAUTHORIZED` where it can not be known there
 */
export const knownClient = (options: KnownClientOptions): Observable<KnownClient> =>
  defer(() => {
    const { as, settings, registered, redirectUri, now } = options;
    const { clientId, clientSecret, clientMetadataUrl } = settings;
    if (clientId !== undefined) return of({ clientId, ...(clientSecret !== undefined && { clientSecret }) });
    if (clientMetadataUrl !== undefined && as.client_id_metadata_document_supported === true)
      return of({ clientId: clientMetadataUrl, authMethod: 'none' });
    const alive = registered?.expiresAt === undefined || registered.expiresAt > now();
    // A grant that no browser is needed for does not mind where one would be sent.
    if (
      registered !== undefined &&
      alive &&
      (redirectUri ?? registered.redirectUri) === registered.redirectUri
    )
      return of(registered);
    return register(options);
  });

const what = 'The registration endpoint';

const register = ({ http, as, settings, redirectUri }: KnownClientOptions): Observable<KnownClient> => {
  const { registration_endpoint: endpoint } = as;
  if (endpoint === undefined || redirectUri === undefined)
    throw unauthorized(
      'The authorization server registers no clients by itself: a `client_id` has to be configured',
    );
  const isNative = new URL(redirectUri).protocol === 'http:';
  const method = settings.tokenEndpointAuthMethod ?? wished(as, isNative);
  const metadata = {
    client_name: 'Sluice',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: method,
    // A browser that comes back to loopback (RFC 8252) is what OpenID Connect Registration calls native.
    application_type: isNative ? 'native' : 'web',
  };
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  return http.send(endpoint, { method: 'POST', headers, body: JSON.stringify(metadata) }, what).pipe(
    map(({ status, body }) => {
      if (status !== 200 && status !== 201) throw unauthorized(`${what} answered with HTTP status ${status}`);
      const answer = parseJson(body.toString('utf8'), 32);
      if (!isObject(answer)) throw unauthorized(`${what} did not answer in JSON`);
      return { ...read(answer, method), redirectUri };
    }),
  );
};

/** A client on somebody's machine keeps no secret well: none where that is possible. */
const wished = (
  { token_endpoint_auth_methods_supported: known }: AuthorizationServer,
  isNative: boolean,
): string => {
  const safe = ['client_secret_basic', 'client_secret_post'];
  const wishes = isNative ? ['none', ...safe] : [...safe, 'none'];
  return wishes.find((method) => known?.includes(method)) ?? 'client_secret_basic';
};

const read = (answer: Readonly<Record<string, unknown>>, wanted: string): KnownClient => {
  const { client_id: clientId, client_secret: secret, client_secret_expires_at: end } = answer;
  const { token_endpoint_auth_method: method } = answer;
  if (typeof clientId !== 'string' || clientId === '') throw unauthorized(`${what} gave no client id`);
  const authMethod = typeof method === 'string' ? method : wanted;
  return {
    clientId,
    ...(typeof secret === 'string' && { clientSecret: secret }),
    // Without a secret there is nothing to prove with, whatever was wished for.
    authMethod: typeof secret === 'string' ? authMethod : 'none',
    ...(typeof end === 'number' && end > 0 && { expiresAt: end * 1000 }),
  };
};
