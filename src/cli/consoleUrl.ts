import type { Settings } from '../config/settings.js';

/**
 * Where the console is; undefined where nobody could sign in. A key of the run stands in the fragment, which no browser sends anywhere.
 *
 * @param adminUrl the admin listener
 */
export const consoleUrl = (
  adminUrl: string,
  { admin: { keys, oidc, publicOrigin } }: Settings,
  runKey: string | undefined,
): string | undefined => {
  if (runKey !== undefined) return `${adminUrl}/#key=${runKey}`;
  return keys.length === 0 && oidc === undefined ? undefined : `${publicOrigin ?? adminUrl}/`;
};
