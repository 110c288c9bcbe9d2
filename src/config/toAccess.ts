import type { AccessRule, AccessSettings, AllowDeny, TenantSettings } from './accessSettings.js';
import type { RawConfig } from './schema.js';
import { toQuotas } from './toLimits.js';

/** Tenants and access policies, where any are written. */
export const toAccess = ({ tenants, policies }: RawConfig): { readonly access?: AccessSettings } =>
  tenants === undefined && policies === undefined
    ? {}
    : {
        access: {
          ...(tenants !== undefined && { tenants: Object.entries(tenants).map(toTenant) }),
          ...(policies !== undefined && { rules: policies.map(toRule) }),
        },
      };

const toTenant = ([name, raw]: [string, NonNullable<RawConfig['tenants']>[string]]): TenantSettings => ({
  name,
  ...(raw.servers !== undefined && { servers: raw.servers }),
  ...(raw.namespace !== undefined && { prefix: raw.namespace }),
  dedicated: raw.dedicated ?? false,
  ...(raw.quotas !== undefined && { quotas: toQuotas(name, raw.quotas) }),
});

const toRule = (raw: NonNullable<RawConfig['policies']>[number]): AccessRule => ({
  ...(raw.tenant !== undefined && { tenant: raw.tenant }),
  ...(raw.roles !== undefined && { roles: raw.roles }),
  ...(raw.servers !== undefined && { servers: raw.servers }),
  tools: toLists(raw.tools),
  prompts: toLists(raw.prompts),
  resources: toLists(raw.resources),
});

const toLists = (raw: { allowed?: string[]; denied?: string[] } = {}): AllowDeny => ({
  ...(raw.allowed !== undefined && { allowed: raw.allowed }),
  denied: raw.denied ?? [],
});
