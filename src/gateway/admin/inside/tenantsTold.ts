import { firstValueFrom, isObservable } from 'rxjs';
import type { RateLimitSettings } from '../../../config/rateLimitSettings.js';
import type { Settings } from '../../../config/settings.js';
import { accessOf } from '../../../streams/access.js';
import type { Counters } from '../../../streams/counters.js';
import { rateLimitKey } from '../../../streams/rateLimitKey.js';
import type { LimitRow, TenantsTold } from '../questions.js';

/** The tenants, what each may use, and how its limits stand. @param tenant the only one to be told of; undefined for all */
export const tenantsTold = async (
  { access, limits = [], servers }: Settings,
  counters: Counters,
  tenant: string | undefined,
): Promise<TenantsTold> => {
  const of = accessOf(access && { ...(access.tenants !== undefined && { tenants: access.tenants }) });
  const shown = (access?.tenants ?? []).filter(({ name }) => tenant === undefined || name === tenant);
  return {
    tenants: await Promise.all(
      shown.map(async ({ name, dedicated, quotas = [] }) => {
        const seen = of({ tenant: name, roles: [] });
        const own = [...quotas, ...limits.filter(({ by }) => by === 'tenant')];
        return {
          name,
          isolation: dedicated ? ('dedicated' as const) : ('shared' as const),
          servers: servers.map((server) => server.name).filter((server) => seen.server(server)),
          limits: await Promise.all(own.map((limit) => limitRow(limit, counters, `tenant ${name}`))),
        };
      }),
    ),
    limits: await Promise.all(
      limits
        // What all use together tells one tenant of the others.
        .filter(({ by }) => by !== 'tenant' && (tenant === undefined || by !== 'all'))
        .map((limit) => limitRow(limit, counters, limit.by === 'all' ? 'all' : undefined)),
    ),
  };
};

/** @param whose undefined for a limit that each caller has for itself */
const limitRow = async (
  { name, by, kind, max, windowMs }: RateLimitSettings,
  counters: Counters,
  whose: string | undefined,
): Promise<LimitRow> => {
  const row = { limit: name, by, max, window_s: Math.round(windowMs / 1000) };
  if (whose === undefined) return row;
  // To take nothing is to ask what is left.
  const asked = counters.take(rateLimitKey(name, 'calls', whose), 0, { kind, max, windowMs });
  const { left, fullMs } = isObservable(asked) ? await firstValueFrom(asked) : asked;
  return { ...row, remaining: Math.floor(left), resets: new Date(Date.now() + fullMs).toISOString() };
};
