/**
 * What the matrix consists of, as plain data: the test runs every cell of it, docs/compatibility.md shows the same cells.
 * A new kind of client, server or feature is one entry here and its doing in connect.ts, startServers.ts or exercises.ts.
 */

/** Kinds of clients: key → what the document calls it. */
export const clients = {
  v1Http: 'Official SDK v1, Streamable HTTP (2025-11-25)',
  v2LegacyHttp: 'Official SDK v2 held to the 2025 era, Streamable HTTP (2025-11-25)',
  v2ModernHttp: 'Official SDK v2 pinned to the 2026 era, Streamable HTTP (2026-07-28)',
  v1Sse: 'Official SDK v1, HTTP+SSE of 2024-11-05',
  v1WebSocket: 'Official SDK v1, WebSocket (2025-11-25)',
  v1Stdio: 'Official SDK v1, stdio through `sluice stdio` (2025-11-25)',
  v2ModernWebSocket: 'Official SDK v2 pinned to the 2026 era, WebSocket (2026-07-28)',
} as const;
export type ClientKind = keyof typeof clients;

/** Kinds of servers: key (also its name in the configuration) → what the document calls it. */
export const servers = {
  legacy: 'MCP over HTTP, 2025-11-25',
  modern: 'MCP over HTTP, 2026-07-28',
  sse: 'MCP over HTTP+SSE of 2024-11-05',
  stdio: 'MCP over stdio, 2025-11-25',
  stdioModern: 'MCP over stdio, 2026-07-28',
  rest: 'REST service',
} as const;
export type ServerKind = keyof typeof servers;

/** Features: key → what a cell says when it says yes. */
export const features = {
  list: 'the tools (and resources) of the server are listed, under their exposed names',
  call: "a tool's answer reaches the client",
  progress: 'what a tool reports on its way reaches the client in order, then the answer',
  cancel: 'the client cancels a call that is running, and the server itself sees it',
  elicit: "the server asks the client's user, and the answer reaches the tool",
  sample: "the server asks the client's model, and the answer reaches the tool",
  subscribe:
    'the client watches a resource and hears when it changes at the server; afterwards it hears nothing more',
  error: "a tool's failure is told as the tool tells it, an unknown tool is refused with -32602",
} as const;
export type Feature = keyof typeof features;

export interface Cell {
  readonly client: ClientKind;
  readonly server: ServerKind;
  readonly feature: Feature;
  /** Why the protocol leaves no way; undefined for a cell that works. */
  readonly impossible?: string;
}

const askless =
  'A REST service answers requests and has no means to ask anything back: neither HTTP nor OpenAPI has a counterpart to ' +
  "MCP's requests from server to client.";
const unwatchable =
  'A REST service offers tools only: it has no resources in the sense of MCP, and plain HTTP no way to tell of changes.';

/** What can't be, whichever client asks. Nothing that merely is not built belongs here. */
const impossible: Partial<Record<ServerKind, Partial<Record<Feature, string>>>> = {
  rest: { elicit: askless, sample: askless, subscribe: unwatchable },
};

const keysOf = <K extends string>(record: Readonly<Record<K, string>>): readonly K[] =>
  Object.keys(record) as K[];

/** Every cell: clients × servers × features. */
export const cells: readonly Cell[] = keysOf(clients).flatMap((client) =>
  keysOf(servers).flatMap((server) =>
    keysOf(features).map((feature): Cell => {
      const reason = impossible[server]?.[feature];
      return { client, server, feature, ...(reason === undefined ? undefined : { impossible: reason }) };
    }),
  ),
);
