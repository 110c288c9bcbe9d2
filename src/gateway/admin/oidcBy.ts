import type { AdminSettings } from '../../config/adminSettings.js';

/** What people of a provider signed in by: who it is, who we are to it, and whom it makes what. */
export const oidcBy = ({ oidc }: Pick<AdminSettings, 'oidc'>): string =>
  JSON.stringify([
    'oidc',
    oidc?.issuer.issuer,
    oidc?.client.clientId,
    oidc?.roles,
    oidc?.hasTenants,
    oidc?.allTenants,
    oidc?.issuer.claims,
  ]);
