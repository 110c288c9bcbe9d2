import type { OAuthSettings } from '../../config/oauthSettings.js';
import type { GrantRecord } from '../../streams/grants.js';
import { unauthorized } from './unauthorized.js';

/**
 * The one authorization server that a client may be shown to: as configured, or the first that a configured client was used with.
 *
 * @param issuers those that the server names
 * @returns undefined where nothing is pinned. Throws `ERR_UPSTREAM_UNAUTHORIZED` for a server that has gone elsewhere
 */
export const pinnedIssuer = (
  server: string,
  { issuer, clientId }: OAuthSettings,
  { bound }: GrantRecord,
  issuers: readonly string[],
): string | undefined => {
  const pinned = issuer ?? (bound?.clientId === clientId ? bound?.issuer : undefined);
  if (pinned !== undefined && !issuers.includes(pinned))
    throw unauthorized(
      `The server "${server}" has another authorization server than the one its client is configured for: set \`issuer\``,
    );
  return pinned;
};
