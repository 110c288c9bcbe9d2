import type { RawMcpServer } from './schema/servers.js';
import type { OAuthSettings } from './settings.js';

/** The `oauth` of a server as the program uses it. */
export const toOAuth = (raw: NonNullable<RawMcpServer['oauth']>): OAuthSettings => ({
  grant: raw.grant ?? 'authorization_code',
  ...(raw.issuer !== undefined && { issuer: raw.issuer }),
  ...(raw.client_id !== undefined && { clientId: raw.client_id }),
  ...(raw.client_secret !== undefined && { clientSecret: raw.client_secret }),
  ...(raw.private_key !== undefined && { privateKey: raw.private_key }),
  ...(raw.client_metadata_url !== undefined && { clientMetadataUrl: raw.client_metadata_url }),
  ...(raw.token_endpoint_auth_method !== undefined && {
    tokenEndpointAuthMethod: raw.token_endpoint_auth_method,
  }),
  ...(raw.scopes !== undefined && { scopes: raw.scopes }),
  ...(raw.redirect_uri !== undefined && { redirectUri: raw.redirect_uri }),
  allowedHosts: raw.allowed_hosts ?? [],
});
