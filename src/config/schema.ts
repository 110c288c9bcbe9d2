import { Type, type Static } from '@sinclair/typebox';
import { allowDeny, blockedTools, policies, tenants } from './schema/access.js';
import { admin } from './schema/admin.js';
import { analytics } from './schema/analytics.js';
import { audit } from './schema/audit.js';
import { auth } from './schema/auth.js';
import { buffers, streams } from './schema/bounds.js';
import { cache } from './schema/cache.js';
import { consul } from './schema/consul.js';
import { integrity } from './schema/integrity.js';
import { namePattern } from './schema/kinds.js';
import {
  cluster,
  drainDelay,
  drainTimeout,
  http,
  listen,
  log,
  naming,
  pageSize,
  sessions,
  timeouts,
  transports,
} from './schema/listeners.js';
import { network } from './schema/network.js';
import { oauth } from './schema/oauth.js';
import { opa } from './schema/opa.js';
import { rateLimits } from './schema/rates.js';
import { record } from './schema/record.js';
import { redact } from './schema/redact.js';
import { servers } from './schema/servers.js';
import { state } from './schema/state.js';
import { tasks } from './schema/tasks.js';
import { telemetry } from './schema/telemetry.js';
import { toolSearch } from './schema/toolSearch.js';
import { transform } from './schema/transform.js';

const closed = { additionalProperties: false } as const;

const namespaces = Type.Record(
  Type.String({ pattern: namePattern }),
  Type.Object(
    {
      servers: Type.Array(Type.String({ minLength: 1, description: 'Name of a server.' }), {
        minItems: 1,
        uniqueItems: true,
        description: 'The servers it shows.',
      }),
      tools: Type.Optional(allowDeny('Tools, by exposed name,')),
      tool_search: Type.Optional(toolSearch(' here, instead of the `tool_search` of the whole file')),
      prefixed: Type.Optional(
        Type.Boolean({
          description: "Whether names carry their server's prefix here. Default: only with several servers.",
        }),
      ),
    },
    { ...closed, description: 'A route that shows some of the servers.' },
  ),
  { ...closed, title: 'name', description: 'Routes beneath the endpoint (`/mcp/{name}`), by name.' },
);

const pipeline = Type.String({
  minLength: 1,
  maxLength: 1000,
  title: 'path or package',
  description:
    'A module with a chain of your own (docs/library.md): a path that starts at the folder of this file, or the name of a package. It runs with all that the gateway may do.',
});

const workers = Type.Unsafe<number | 'auto'>({
  type: ['integer', 'string'],
  minimum: 1,
  maximum: 1024,
  pattern: '^auto$',
  default: 1,
  title: 'integer or `auto`',
  description: 'Processes to share the work (docs/workers.md); `auto` for one a core.',
});

/**
 * The one JSON Schema of the configuration file. schema/sluice.schema.json and docs/configuration.md are made from it
 * (scripts/docs.ts), ajv checks with it, {@link RawConfig} is inferred from it.
 *
 * Draft 7, which editors understand best. What it can't say (which server a namespace names) is checked in check.ts.
 */
export const schema = Type.Object(
  {
    listen: Type.Optional(listen),
    admin: Type.Optional(admin),
    naming: Type.Optional(naming),
    servers: Type.Optional(servers),
    namespaces: Type.Optional(namespaces),
    blocked_tools: Type.Optional(blockedTools),
    redact: Type.Optional(redact),
    tool_search: Type.Optional(toolSearch('')),
    transform: Type.Optional(transform('calls of tools')),
    integrity: Type.Optional(integrity),
    streams: Type.Optional(streams),
    buffers: Type.Optional(buffers),
    timeouts: Type.Optional(timeouts),
    http: Type.Optional(http),
    transports: Type.Optional(transports),
    sessions: Type.Optional(sessions),
    cluster: Type.Optional(cluster),
    state: Type.Optional(state),
    oauth: Type.Optional(oauth),
    network: Type.Optional(network),
    tasks: Type.Optional(tasks),
    page_size: Type.Optional(pageSize),
    drain_delay: Type.Optional(drainDelay),
    drain_timeout: Type.Optional(drainTimeout),
    log: Type.Optional(log),
    analytics: Type.Optional(analytics),
    audit: Type.Optional(audit),
    telemetry: Type.Optional(telemetry),
    record: Type.Optional(record),
    auth: Type.Optional(auth),
    opa: Type.Optional(opa),
    tenants: Type.Optional(tenants),
    policies: Type.Optional(policies),
    limits: Type.Optional(rateLimits),
    cache: Type.Optional(cache),
    consul: Type.Optional(consul),
    pipeline: Type.Optional(pipeline),
    workers: Type.Optional(workers),
  },
  {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'urn:sluice:configuration',
    title: 'Sluice configuration',
    description: 'What Sluice, a reactive MCP gateway, does: backends, routes, limits.',
    ...closed,
  },
);

/** The configuration as written: snake_case, units as text, nothing filled in. */
export type RawConfig = Static<typeof schema>;
