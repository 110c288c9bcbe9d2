import { cells, clients, features, servers, type ClientKind, type ServerKind } from './plan.js';

/** Every reason there is, in the order of the cells; its number in the page is its place. */
const reasons: readonly string[] = [...new Set(cells.flatMap(({ impossible }) => impossible ?? []))];

const row = (...values: readonly string[]): string => `| ${values.join(' | ')} |`;

/** What works between a client and a server: everything, or what is missing and why. */
const between = (client: ClientKind, server: ServerKind): string => {
  const missing = cells.filter(
    (cell) => cell.client === client && cell.server === server && cell.impossible !== undefined,
  );
  if (missing.length === 0) return 'all';
  const names = missing.map(
    ({ feature, impossible = '' }) => `${feature} (${reasons.indexOf(impossible) + 1})`,
  );
  return `all but ${names.join(', ')}`;
};

/** docs/compatibility.md: which client reaches which server with which feature, made from the cells that the matrix test runs. */
export const compatibilityPage = (): string => {
  const serverKinds = Object.keys(servers) as ServerKind[];
  const works = cells.filter(({ impossible }) => impossible === undefined).length;
  return `# Compatibility

Made from \`test/e2e/matrix/plan.ts\` by \`npm run docs\`; change it there.

Any client reaches any server behind the gateway, whichever revision of MCP and whichever transport either of them speaks. The table is
that of \`test/e2e/matrix.test.ts\`: it connects an official client of each kind to one gateway with a server of each kind behind it, and
tries every feature of every pair. ${works} of ${cells.length} cells work and are tested on every change; the others can not be, for the reasons below.

${[
  row('Client', ...Object.values(servers)),
  row('---', ...serverKinds.map(() => '---')),
  ...(Object.entries(clients) as [ClientKind, string][]).map(([client, name]) =>
    row(name, ...serverKinds.map((server) => between(client, server))),
  ),
].join('\n')}

${reasons.map((reason, at) => `${at + 1}. ${reason}`).join('\n')}

## What "all" means

${[
  row('Feature', 'Works when'),
  row('---', '---'),
  ...Object.entries(features).map(([feature, meaning]) => row(feature, meaning)),
].join('\n')}

## What passes through as it is

Definitions but for their names (titles, descriptions, icons, annotations, schemas with all their keywords, unknown fields), arguments,
content, structured content, errors with their data, questions and their answers, \`ui://\` links, and unknown keys of \`_meta\` in all of
them, both ways and whichever eras meet (\`test/e2e/fidelity.test.ts\`). What belongs to one hop only is written anew on each: ids, progress
tokens, everything in \`_meta\` that begins with \`io.modelcontextprotocol/\`, \`Mcp-Name\` and \`Mcp-Param-*\` headers. Trace context
(\`traceparent\`, \`tracestate\`, \`baggage\`) travels on in \`_meta\`, and to REST services as headers of these names; what of it is malformed
is dropped, and the call goes on.

## What differs all the same

- A stdio server is one process for all clients, and a legacy one is told the client's capabilities once. It is told that it may ask for
  a form, a URL and the model (not for roots, which servers take as the connection's). Where the client behind a call can not answer,
  the question is refused with -32601, so that such a tool fails for this client instead of hiding itself.
- A stdio server of the 2025 era names no call when it asks or logs. What it asks while several calls are under way in it, or within a
  minute after somebody else's call was cancelled, is refused, because nobody can tell whom it asks.
- Structured content that is no object reaches clients of the 2026 era only; others get it as text. An output schema that is not an
  object's is left out of their lists.
- A URI is not renamed: where two servers offer the same resource (a \`ui://\` link, too), the one configured first answers. A namespace
  for each keeps them apart.
- What a server offers is listed only as far as it keeps to the protocol's schema: for one malformed definition clients would refuse the
  list of all servers.
- A call that waits for a person between two rounds lives in one process: its answer has to come back to the same instance.
`;
};
