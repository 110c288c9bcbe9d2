import { resolve } from 'node:path';
import type { ConsulSettings } from './consulSettings.js';
import { defaultTimes } from './defaultTimes.js';
import { limits } from './limits.js';
import { milliseconds } from './milliseconds.js';
import type { RawConfig } from './schema.js';
import { toBalancing } from './toBalancing.js';

/**
 * The settings of discovery in Consul.
 *
 * @param baseDir what relative paths start from
 */
export const toConsul = (
  raw: NonNullable<RawConfig['consul']>,
  { timeouts = {}, opa }: Pick<RawConfig, 'timeouts' | 'opa'>,
  baseDir: string,
): ConsulSettings => ({
  url: raw.url,
  ...(raw.token !== undefined && { token: raw.token }),
  datacenters: [...new Set(raw.datacenters ?? [])],
  ...(raw.namespace !== undefined && { namespace: raw.namespace }),
  tags: raw.tags ?? [],
  ...(raw.namespaces !== undefined && { namespaces: raw.namespaces }),
  ...(raw.instance !== undefined && { instance: raw.instance }),
  maxWatches: raw.max_watches ?? limits.consulWatches,
  waitMs: raw.wait === undefined ? limits.consulWaitMs : milliseconds(raw.wait),
  signatures: raw.signatures ?? 'off',
  policies: raw.policies ?? 'enforce',
  ...((opa?.bundle ?? opa?.rego ?? opa?.url) !== undefined && { hasPolicy: true }),
  ...(raw.tls !== undefined && { tls: toTls(raw.tls, baseDir) }),
  headers: Object.fromEntries(
    Object.entries(raw.headers ?? {}).map(([service, headers]) => [
      service,
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    ]),
  ),
  ...defaultTimes(timeouts),
  listTimeoutMs: timeouts.list === undefined ? limits.listTimeoutMs : milliseconds(timeouts.list),
  // As for any server with several addresses, but without pings: Consul has checks of its own.
  balancing: toBalancing({ type: 'rest', health_check: { enabled: false } }, [{ url: '' }, { url: '' }]),
});

const toTls = (
  raw: NonNullable<NonNullable<RawConfig['consul']>['tls']>,
  baseDir: string,
): NonNullable<ConsulSettings['tls']> => ({
  ...(raw.ca !== undefined && { caFile: resolve(baseDir, raw.ca) }),
  ...(raw.cert !== undefined && { certFile: resolve(baseDir, raw.cert) }),
  ...(raw.key !== undefined && { keyFile: resolve(baseDir, raw.key) }),
  ...(raw.server_name !== undefined && { serverName: raw.server_name }),
});
