import type { OAuthSettings } from '../../config/oauthSettings.js';
import type { ProtectedResource } from './protectedResource.js';

/**
 * What a server is to its authorization server, for one that does not say so itself, as REST services do not.
 *
 * @param url of a server that is asked for it
 */
export const givenResource = (
  url: string | undefined,
  { issuer, resource = '' }: OAuthSettings,
): ProtectedResource | undefined =>
  url === undefined && issuer !== undefined
    ? { resource, issuers: [issuer], scopes: undefined, documented: true }
    : undefined;
