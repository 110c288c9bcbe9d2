import type { DnsSettings } from './dnsSettings.js';
import { limits } from './limits.js';
import { milliseconds } from './milliseconds.js';
import type { RawMcpServer, RawRestServer } from './schema/servers.js';

/** How the addresses of a server are looked up. */
export const toDns = (raw: NonNullable<(RawMcpServer | RawRestServer)['dns']>): DnsSettings => ({
  ...(raw.srv !== undefined && { srv: raw.srv }),
  family: raw.family ?? 'auto',
  resolvers: raw.resolvers ?? [],
  minTtlMs: raw.min_ttl === undefined ? limits.dnsMinTtlMs : milliseconds(raw.min_ttl),
  maxTtlMs: raw.max_ttl === undefined ? limits.dnsMaxTtlMs : milliseconds(raw.max_ttl),
  emptyAfterMs: raw.empty_after === undefined ? limits.dnsEmptyAfterMs : milliseconds(raw.empty_after),
});
