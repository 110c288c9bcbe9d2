import type { AdminSettings } from '../../config/adminSettings.js';

/** What people of a provider signed in by: who it is and who we are to it. */
export const oidcBy = ({ oidc }: Pick<AdminSettings, 'oidc'>): string =>
  JSON.stringify(['oidc', oidc?.issuer, oidc?.clientId, oidc?.roles]);
