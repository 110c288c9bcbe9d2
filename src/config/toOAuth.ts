import type { RawMcpServer } from './schema/servers.js';
import type { OAuthClientSettings, OAuthSettings } from './oauthSettings.js';

type Raw = NonNullable<RawMcpServer['oauth']>;

/** The `oauth` of a server as the program uses it. */
export const toOAuth = (raw: Raw): OAuthSettings => ({
  grant: raw.grant ?? 'authorization_code',
  ...(raw.issuer !== undefined && { issuer: raw.issuer }),
  ...toClient(raw),
  ...(raw.client_metadata_url !== undefined && { clientMetadataUrl: raw.client_metadata_url }),
  ...(raw.token_endpoint_auth_method !== undefined && {
    tokenEndpointAuthMethod: raw.token_endpoint_auth_method,
  }),
  ...(raw.audience !== undefined && { audience: raw.audience }),
  ...(raw.resource !== undefined && { resource: raw.resource }),
  ...(raw.subject_token_type !== undefined && {
    subjectTokenType: `urn:ietf:params:oauth:token-type:${raw.subject_token_type}`,
  }),
  ...(raw.idp !== undefined && { idp: { issuer: raw.idp.issuer, ...toClient(raw.idp) } }),
  ...(raw.scopes !== undefined && { scopes: raw.scopes }),
  ...(raw.redirect_uri !== undefined && { redirectUri: raw.redirect_uri }),
  allowedHosts: raw.allowed_hosts ?? [],
});

const toClient = (raw: Pick<Raw, 'client_id' | 'client_secret' | 'private_key'>): OAuthClientSettings => ({
  ...(raw.client_id !== undefined && { clientId: raw.client_id }),
  ...(raw.client_secret !== undefined && { clientSecret: raw.client_secret }),
  ...(raw.private_key !== undefined && { privateKey: raw.private_key }),
});
