import { Type, type Static } from '@sinclair/typebox';
import {
  duration,
  globs,
  headerName,
  namePattern,
  oneOf,
  pathTemplate,
  prefix,
  toolNamePattern,
  url,
} from './kinds.js';
import { balancing, weightedUrl } from './balancing.js';
import { rateLimit } from './rates.js';
import { scopes } from './auth.js';
import { dns } from './dns.js';
import { serverCredentials } from './serverCredentials.js';
import { serverOpa } from './opa.js';
import { concurrency, ownTimeouts } from './times.js';
import { transform } from './transform.js';

const closed = { additionalProperties: false } as const;

/** A JSON Schema or other free-form object, passed on as it stands. */
const freeForm = (description: string) => Type.Record(Type.String(), Type.Unknown(), { description });

const common = {
  prefix: Type.Optional(
    prefix('In front of the names of its tools and prompts. Default: the server\'s name; `""` for none.'),
  ),
  timeout: Type.Optional(duration('Longest silence of a call to this server. Default: `timeouts.call`.')),
  timeouts: Type.Optional(ownTimeouts),
  concurrency: Type.Optional(concurrency),
  forward_deadline: Type.Optional(
    Type.Boolean({
      description:
        'Whether it is told how many milliseconds are left for a call: header `Sluice-Remaining-Ms`, `_meta` key `io.sluice/remainingMs`.',
      default: true,
    }),
  ),
  list_timeout: Type.Optional(
    duration('Longest time for listing all it offers, bodies included. Default: `timeouts.list`.'),
  ),
  include: Type.Optional(
    globs("Tools to offer, by the server's own names (operation ids for OpenAPI). Default: all."),
  ),
  exclude: Type.Optional(globs("Tools to leave out, by the server's own names.")),
  capabilities: Type.Optional(
    Type.Array(oneOf(['tools', 'resources', 'prompts'], { description: 'A kind of thing to offer.' }), {
      description: 'Kinds of things to offer from this server. Default: all it has.',
    }),
  ),
  auth_required: Type.Optional(
    Type.Boolean({
      description: 'Whether callers have to say who they are. Default: yes where `auth` is configured.',
    }),
  ),
  rate_limit: Type.Optional(rateLimit('Most calls of each user to this server, e.g. `100/min`.')),
  allowed_clients: Type.Optional(
    globs(
      "Clients that may use this server, by a token's client, a key's `client`, a certificate's name. Default: all.",
    ),
  ),
  scopes: Type.Optional(scopes('Scopes that calls to this server need.')),
  opa: Type.Optional(serverOpa),
  transform: Type.Optional(transform("calls of this server's tools")),
};

const remote = {
  url: Type.Optional(url('Address of its only instance.')),
  urls: Type.Optional(
    Type.Array(weightedUrl, {
      minItems: 1,
      description: 'Addresses of its instances; `{ url, weight }` for one with a weight.',
    }),
  ),
  primary: Type.Optional(url('Address of the preferred instance; the others come under `fallback`.')),
  fallback: Type.Optional(
    Type.Array(url('Address of an instance.'), {
      description: 'Addresses to try in turn when `primary` fails.',
    }),
  ),
  strategy: Type.Optional(
    oneOf(['failover', 'round-robin', 'weighted', 'least-outstanding', 'sticky'], {
      description:
        'How calls are spread over the instances. Default: `failover` with `primary`, `weighted` where weights are given, otherwise `round-robin`.',
    }),
  ),
  dns: Type.Optional(dns),
  ...balancing,
  ...serverCredentials,
};

const protocol = oneOf(['auto', 'legacy', 'modern'], {
  description:
    'Revision of MCP to speak: `legacy` (2025-11-25 and before), `modern` (2026-07-28), or find out.',
  default: 'auto',
});

const asTask = Type.Boolean({
  description:
    'Offer it as a task too: a client that knows tasks gets an id at once and fetches the result later.',
  default: false,
});

const httpProtocol = oneOf(['auto', 'legacy', 'modern', 'sse'], {
  description:
    'Revision of MCP to speak: `legacy` (2025-11-25 and before), `modern` (2026-07-28), `sse` (legacy, over HTTP+SSE of 2024-11-05), or find out.',
  default: 'auto',
});

const argumentMap = (description: string, value: ReturnType<typeof headerName>) =>
  Type.Record(Type.String(), value, { description });

const ofTool = transform('calls of this tool');

const toolRate = rateLimit('Most calls of each user to this tool, e.g. `10/min`.');

/** One tool of a REST server: a request with places for arguments. */
export const restTool = Type.Object(
  {
    method: Type.Optional(
      oneOf(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], {
        description: 'HTTP method.',
        default: 'GET',
      }),
    ),
    path: pathTemplate('Path below the address; `{x}` is filled from argument `x`.'),
    description: Type.Optional(Type.String({ description: 'What the tool does, for the model.' })),
    title: Type.Optional(Type.String({ description: 'Name to show to people.' })),
    input_schema: Type.Optional(
      freeForm(
        'JSON Schema of the arguments, with `type: object`. Default: the arguments named in `path`, as strings.',
      ),
    ),
    output_schema: Type.Optional(freeForm('JSON Schema of the structured result.')),
    annotations: Type.Optional(
      freeForm('Hints for clients, as in MCP: `readOnlyHint`, `idempotentHint`, `destructiveHint`, ….'),
    ),
    query: Type.Optional(
      argumentMap(
        'Argument → query parameter. Default for GET, HEAD and DELETE: all arguments not used elsewhere.',
        Type.Unsafe<string>({ type: 'string', minLength: 1, description: 'Name of the query parameter.' }),
      ),
    ),
    headers: Type.Optional(argumentMap('Argument → header.', headerName('Name of the header.'))),
    body: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'The argument to send as JSON body, or `*` for all not used elsewhere (the default for POST, PUT and PATCH).',
      }),
    ),
    streaming: Type.Optional(
      Type.Boolean({
        description: 'The answer comes in parts (SSE, NDJSON, chunked text); each is sent on as progress.',
        default: false,
      }),
    ),
    timeout: Type.Optional(duration("Longest silence of a call. Default: the server's.")),
    timeouts: Type.Optional(ownTimeouts),
    rate_limit: Type.Optional(toolRate),
    task: Type.Optional(asTask),
    scopes: Type.Optional(scopes('Scopes that calls to this tool need besides.')),
    transform: Type.Optional(ofTool),
  },
  { ...closed, description: 'A tool: one HTTP request.' },
);

/** What the gateway does differently with some of a server's own tools. */
const toolRules = Type.Record(
  Type.String({ minLength: 1 }),
  Type.Object(
    {
      timeout: Type.Optional(duration("Longest silence of a call. Default: the server's.")),
      timeouts: Type.Optional(ownTimeouts),
      rate_limit: Type.Optional(toolRate),
      task: Type.Optional(asTask),
      scopes: Type.Optional(scopes('Scopes that calls to this tool need besides.')),
      transform: Type.Optional(ofTool),
    },
    { ...closed, description: 'Rules for one tool.' },
  ),
  { ...closed, title: "tool name, the server's own", description: 'Rules for single tools.' },
);

/** A native MCP server over HTTP. */
export const mcpServer = Type.Object(
  {
    type: Type.Optional(
      Type.Unsafe<'mcp'>({
        type: 'string',
        const: 'mcp',
        default: 'mcp',
        description: 'A native MCP server over HTTP.',
      }),
    ),
    ...remote,
    protocol: Type.Optional(httpProtocol),
    tools: Type.Optional(toolRules),
    ...common,
  },
  {
    ...closed,
    title: 'MCP server',
    description:
      'A native MCP server over Streamable HTTP, or HTTP+SSE of 2024-11-05. A `url` without a path means `/mcp` of that host (`/sse` with `protocol: sse`).',
  },
);

/** A REST service. */
export const restServer = Type.Object(
  {
    type: Type.Unsafe<'rest'>({ type: 'string', const: 'rest', description: 'A REST service.' }),
    ...remote,
    tools: Type.Optional(
      Type.Record(Type.String({ pattern: toolNamePattern }), restTool, {
        ...closed,
        title: 'tool name',
        description: 'Its tools, by name.',
      }),
    ),
    openapi: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'An OpenAPI 3.0 or 3.1 document: a file (relative to this one) or a URL.',
      }),
    ),
    ...common,
  },
  {
    ...closed,
    title: 'REST server',
    description: 'A REST service whose requests become tools. Needs `tools`, `openapi` or both.',
  },
);

/** An MCP server as a child process. */
export const stdioServer = Type.Object(
  {
    type: Type.Unsafe<'stdio'>({ type: 'string', const: 'stdio', description: 'A child process.' }),
    command: Type.String({ minLength: 1, description: 'Program to start. No shell is involved.' }),
    args: Type.Optional(Type.Array(Type.String(), { description: 'Its arguments.' })),
    env: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'Environment variables to add.',
      }),
    ),
    cwd: Type.Optional(
      Type.String({
        minLength: 1,
        description: "Working directory, relative to this file's. Default: this file's directory.",
      }),
    ),
    protocol: Type.Optional(protocol),
    tools: Type.Optional(toolRules),
    ...common,
  },
  {
    ...closed,
    title: 'stdio server',
    description: 'An MCP server as a child process, restarted when it dies.',
  },
);

/** The kinds of servers in the order of the union below. */
export const serverTypes = ['mcp', 'rest', 'stdio'] as const;

/** All servers, by name. */
export const servers = Type.Record(
  Type.String({ pattern: namePattern }),
  Type.Union([mcpServer, restServer, stdioServer]),
  { ...closed, title: 'name', description: 'The backends, by name.' },
);

export type RawServer = Static<typeof servers>[string];
export type RawMcpServer = Static<typeof mcpServer>;
export type RawRestServer = Static<typeof restServer>;
export type RawRestTool = Static<typeof restTool>;
