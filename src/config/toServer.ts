import { resolve } from 'node:path';
import type { StrategyName } from './balancingSettings.js';
import type { ServerAccess } from './authSettings.js';
import { limits } from './limits.js';
import { milliseconds } from './milliseconds.js';
import type { RawConfig } from './schema.js';
import type { RawMcpServer, RawRestServer, RawRestTool, RawServer } from './schema/servers.js';
import type {
  McpServerSettings,
  RestServerSettings,
  RestToolSettings,
  ServerSettings,
  ToolRule,
} from './settings.js';
import type { ConcurrencySettings } from './timeSettings.js';
import { toBalancing, type WeightedUrl } from './toBalancing.js';
import { toDns } from './toDns.js';
import { defaultTimes } from './defaultTimes.js';
import { toRateLimit } from './toLimits.js';
import { toClientTls } from './toClientTls.js';
import { toOAuth } from './toOAuth.js';
import { toPolicy } from './toOpa.js';
import { toTimes, type CallTimes } from './toTimes.js';
import { toTransform } from './toTransform.js';

/**
 * One server as the program uses it.
 *
 * @param baseDir what relative paths start from
 */
export const toServer = (
  name: string,
  raw: RawServer,
  timeouts: NonNullable<RawConfig['timeouts']>,
  baseDir: string,
): ServerSettings => {
  const ofAll = defaultTimes(timeouts);
  const own = toTimes(raw, ofAll);
  const times = { ...ofAll.times, ...own.times };
  const timeoutMs = own.timeoutMs ?? ofAll.timeoutMs;
  const toolRules = toRules(name, raw.tools, { timeoutMs, times });
  const base = {
    name,
    prefix: raw.prefix ?? name,
    timeoutMs,
    ...(Object.keys(times).length > 0 && { times }),
    ...(raw.concurrency !== undefined && { concurrency: toConcurrency(raw.concurrency) }),
    ...(raw.rate_limit !== undefined && {
      rateLimit: toRateLimit(`servers.${name}.rate_limit`, raw.rate_limit),
    }),
    ...(raw.forward_deadline === false && { forwardDeadline: false as const }),
    listTimeoutMs: milliseconds(raw.list_timeout ?? timeouts.list ?? limits.listTimeoutMs / 1000),
    ...(raw.include !== undefined && { include: raw.include }),
    exclude: raw.exclude ?? [],
    ...(toolRules !== undefined && { toolRules }),
    ...toAccess(raw),
    ...toTransform(raw.transform),
    ...(raw.opa !== undefined && { policies: [toPolicy(raw.opa, baseDir)] }),
    ...(raw.capabilities !== undefined && { capabilities: raw.capabilities }),
  };
  if (raw.type === 'stdio')
    return {
      ...base,
      type: 'stdio',
      command: raw.command,
      args: raw.args ?? [],
      env: raw.env ?? {},
      cwd: resolve(baseDir, raw.cwd ?? '.'),
      protocol: raw.protocol ?? 'auto',
    };
  const balanced = toBalancing(raw, addresses(raw));
  const remote = {
    ...(raw.dns !== undefined && { dns: toDns(raw.dns) }),
    strategy: strategyOf(raw),
    ...(balanced !== undefined && { balancing: balanced }),
    headers: Object.fromEntries(
      Object.entries(raw.headers ?? {}).map(([key, value]) => [key.toLowerCase(), value]),
    ),
    ...(raw.oauth !== undefined && { oauth: toOAuth(raw.oauth) }),
    ...(raw.tls !== undefined && { tls: toClientTls(raw.tls) }),
  };
  if (raw.type === 'rest')
    return {
      ...base,
      ...remote,
      type: 'rest',
      urls: addresses(raw).map(({ url }) => asBase(url)),
      tools: Object.entries(raw.tools ?? {}).map(([tool, request]) => toTool(tool, request)),
      ...(raw.openapi !== undefined && { openapi: locate(raw.openapi, baseDir) }),
    } satisfies RestServerSettings;
  return {
    ...base,
    ...remote,
    type: 'mcp',
    urls: addresses(raw).map(({ url }) => asEndpoint(url, raw.protocol === 'sse' ? '/sse' : '/mcp')),
    protocol: raw.protocol ?? 'auto',
  } satisfies McpServerSettings;
};

const toConcurrency = ({
  max,
  queue = limits.queuedCalls,
  wait,
}: NonNullable<RawServer['concurrency']>): ConcurrencySettings => ({
  max,
  queue,
  waitMs: wait === undefined ? limits.queueWaitMs : milliseconds(wait),
});

const addresses = ({
  url,
  urls,
  primary,
  fallback = [],
}: RawMcpServer | RawRestServer): readonly WeightedUrl[] => {
  if (primary !== undefined) return [primary, ...fallback].map((address) => ({ url: address }));
  if (urls === undefined) return url === undefined ? [] : [{ url }];
  return urls.map((address) => (typeof address === 'string' ? { url: address } : address));
};

const strategyOf = (raw: RawMcpServer | RawRestServer): StrategyName => {
  if (raw.strategy !== undefined) return raw.strategy;
  if (raw.primary !== undefined) return 'failover';
  const weighted = raw.dns?.srv !== undefined || addresses(raw).some(({ weight }) => weight !== undefined);
  return weighted ? 'weighted' : 'round-robin';
};

/** A base that paths beginning with `/` can be appended to. */
const asBase = (url: string): string => new URL(url).href.replace(/\/$/, '');

/** A URL without a path means the usual endpoint of that host. */
const asEndpoint = (url: string, usual: string): string => {
  const endpoint = new URL(url);
  if (/^https?:\/\/[^/?#]*([?#]|$)/i.test(url)) endpoint.pathname = usual;
  return endpoint.href;
};

const toAccess = ({
  auth_required: authRequired,
  allowed_clients: allowedClients,
  scopes = [],
}: RawServer): { readonly access?: ServerAccess } =>
  authRequired === undefined && allowedClients === undefined && scopes.length === 0
    ? {}
    : {
        access: {
          ...(authRequired !== undefined && { authRequired }),
          ...(allowedClients !== undefined && { allowedClients }),
          scopes,
        },
      };

/** The tools that have rules; undefined if none has. */
const toRules = (
  server: string,
  tools: RawServer['tools'],
  above: CallTimes,
): Readonly<Record<string, ToolRule>> | undefined => {
  const rules = Object.entries(tools ?? {})
    .map(([tool, raw]) => [tool, toRule(`servers.${server}.tools.${tool}`, raw, above)] as const)
    .filter(([, rule]) => Object.keys(rule).length > 0);
  return rules.length === 0 ? undefined : Object.fromEntries(rules);
};

const toRule = (
  name: string,
  { task, scopes, rate_limit: rate, transform, ...raw }: NonNullable<RawServer['tools']>[string],
  above: CallTimes,
): ToolRule => ({
  ...toTimes(raw, above),
  ...(task !== undefined && { task }),
  ...(rate !== undefined && { rateLimit: toRateLimit(`${name}.rate_limit`, rate) }),
  ...(scopes !== undefined && { scopes }),
  ...toTransform(transform),
});

const locate = (document: string, baseDir: string): string =>
  /^https?:\/\//i.test(document) ? document : resolve(baseDir, document);

const toTool = (name: string, raw: RawRestTool): RestToolSettings => ({
  name,
  ...(raw.description !== undefined && { description: raw.description }),
  ...(raw.title !== undefined && { title: raw.title }),
  method: raw.method ?? 'GET',
  path: raw.path,
  ...(raw.query !== undefined && { query: raw.query }),
  ...(raw.headers !== undefined && { headers: raw.headers }),
  ...(raw.body !== undefined && { body: raw.body }),
  inputSchema: raw.input_schema ?? inputFromPath(raw.path),
  ...(raw.output_schema !== undefined && { outputSchema: raw.output_schema }),
  ...(raw.annotations !== undefined && { annotations: raw.annotations }),
  streaming: raw.streaming ?? false,
});

/** The least that can be said about arguments: those in the path are needed, and texts. */
const inputFromPath = (path: string): Readonly<Record<string, unknown>> => {
  const names = [...new Set([...path.matchAll(/\{([^{}]+)\}/g)].map(([, name = '']) => name))];
  if (names.length === 0) return { type: 'object' };
  const properties = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
  return { type: 'object', properties, required: names };
};
