/**
 * Makes schema/sluice.schema.json and docs/configuration.md from src/config/schema.ts, and docs/compatibility.md from the plan of the
 * matrix test.
 *
 * `node --import tsx scripts/docs.ts` writes them; with `--check` it writes nothing and exits 1 when they are not current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { laterKeys } from '../src/config/inactive.js';
import { schema } from '../src/config/schema.js';
import { kinds } from '../src/config/schema/kinds.js';
import { compatibilityPage } from '../test/e2e/matrix/compatibilityPage.js';

interface Part {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly items?: Part;
  readonly anyOf?: readonly Part[];
  readonly properties?: Readonly<Record<string, Part>>;
  readonly patternProperties?: Readonly<Record<string, Part>>;
  readonly required?: readonly string[];
}

const example = `# yaml-language-server: $schema=./node_modules/sluice/schema/sluice.schema.json
listen: { host: 127.0.0.1, port: 8080, path: /mcp }
admin: { host: 127.0.0.1, port: 8081 }

servers:
  orders: # a REST service: its requests become tools
    type: rest
    url: http://127.0.0.1:9101
    timeout: 10s
    headers: { authorization: "Bearer \${ORDERS_TOKEN}" }
    tools:
      get: # clients see orders_get
        description: Get an order by its id
        path: /orders/{id}
        annotations: { readOnlyHint: true }
      create:
        description: Place an order
        method: POST
        path: /orders
        input_schema:
          type: object
          properties: { item: { type: string }, quantity: { type: integer, minimum: 1 } }
          required: [item]
      export:
        description: All orders, row by row
        path: /export
        streaming: true
  petstore: # a REST service that describes itself
    type: rest
    openapi: ./petstore.yaml
    include: [getPetById, findPets*]
  search: # an MCP server, found at http://127.0.0.1:9102/mcp
    url: http://127.0.0.1:9102
  database: # the same over several instances
    primary: http://127.0.0.1:9103/mcp
    fallback: [http://127.0.0.1:9104/mcp]
  files: # an MCP server as a child process
    type: stdio
    command: npx
    args: [-y, "@modelcontextprotocol/server-filesystem", ./data]

namespaces:
  support: # served at /mcp/support
    servers: [orders, search]
    tools: { allowed: ["orders_*", "search_*"], denied: [orders_create] }

blocked_tools: ["*_drop_table"]
timeouts: { call: 30s, list: 3s, max_call: 10m }
sessions: { ttl: 30m }
state: { keys: ["\${STATE_KEY:-}", "\${OLD_STATE_KEY:-}"] } # shared by instances; the newest first
log: { level: "\${LOG_LEVEL:-info}" }
`;

const head = (): string => `# Configuration

Made from \`src/config/schema.ts\` by \`npm run docs\`; change it there.

One YAML file, \`gateway.yaml\` unless \`-c FILE\` says otherwise. \`sluice check -c FILE\` says everything that is wrong with it,
each with its place and remedy. The running gateway watches the file: a good edit takes effect at once for new calls, while those
in flight finish as they began; a bad one is reported in the log and changes nothing.

The first line lets editors complete and check the file (VS Code with the YAML extension, and others that use the YAML language
server):

\`\`\`yaml
${example}\`\`\`

## How values are written

| type | is |
| --- | --- |
${kindRows()}
| path of a file or folder | relative to the folder of the configuration file |

Keys that are not listed here are errors, and so are keys written twice.

### The environment

\`\${NAME}\` in a value is replaced by the environment variable of that name, \`\${NAME:-default}\` by the default where the variable is
unset or empty. A variable that is unset and has no default is an error. \`$\${\` stands for a literal \`\${\`.

* Values are replaced after the YAML is parsed: whatever a variable holds, it stays one value. It is not expanded again.
* Keys are not expanded, comments are not looked at.
* A value that is nothing but a reference may stand for a number or a boolean: \`port: \${PORT:-8080}\`.
* Inside \`{ }\` and \`[ ]\` put it in quotes, because YAML reads the braces otherwise: \`{ port: "\${PORT:-8080}" }\`.
* Values from the environment never appear in messages.
`;

const kindRows = (): string =>
  Object.entries(kinds)
    .map(([kind, { is, remedy }]) => `| ${kind} | ${remedy === 'Rename it' ? is : `${is}. ${remedy}`} |`)
    .join('\n');

const later = (): string => {
  const rows = laterKeys.map(({ path, message, unsafe }) => {
    const key = path.map((step) => (step === '*' ? '<name>' : step)).join('.');
    return `| \`${key}\` | ${message} | ${unsafe ? 'yes' : ''} |`;
  });
  return `## Understood, not active yet

These keys are accepted and checked, and come into force with later releases. \`sluice check\` lists those that a file uses. Where
one protects something, starting without it needs a say-so.

| key | for now | protects |
| --- | --- | --- |
${rows.join('\n')}
`;
};

const section = (key: string, part: Part): string => {
  const record = Object.values(part.patternProperties ?? {})[0];
  const intro = `## \`${key}\`\n\n${part.description ?? ''}\n`;
  if (record?.anyOf !== undefined)
    return [intro, ...record.anyOf.map((member) => serverSection(member))].join('\n');
  const rows = rowsOf(part, '');
  if (rows.length > 0) return `${intro}\n${table(rows)}`;
  return (
    `${intro}\nType: ${typeOf(part)}. ${part.default === undefined ? '' : `Default: ${code(part.default)}.`}`.trimEnd() +
    '\n'
  );
};

const serverSection = (part: Part): string =>
  `### ${part.title ?? ''}\n\n${part.description ?? ''}\n\n${table(rowsOf(part, ''))}`;

const table = (rows: readonly string[]): string =>
  `| key | type | default | description |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;

/** A row a key, what it holds beneath it. */
const rowsOf = (part: Part, prefix: string): string[] => {
  const record = Object.values(part.patternProperties ?? {})[0];
  if (record?.properties !== undefined) return rowsOf(record, `${prefix}<name>.`);
  if (part.items?.properties !== undefined) return rowsOf(part.items, `${prefix.replace(/\.$/, '')}[].`);
  return Object.entries(part.properties ?? {}).flatMap(([key, child]) => [
    row(`${prefix}${key}`, child, part.required?.includes(key) === true),
    ...rowsOf(child, `${prefix}${key}.`),
  ]);
};

const row = (key: string, part: Part, required: boolean): string => {
  const byDefault = part.default === undefined ? '' : code(part.default);
  const cells = [`\`${key}\``, typeOf(part), required ? 'required' : byDefault, part.description ?? ''];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
};

const code = (value: unknown): string => `\`${String(value)}\``;

const typeOf = (part: Part): string => {
  if (part.const !== undefined) return code(part.const);
  if (part.enum !== undefined) return part.enum.map(code).join(', ');
  if (part.items !== undefined) return `list of ${typeOf(part.items)}`;
  if (part.patternProperties !== undefined) return 'map';
  if (part.type === 'object') return 'map';
  return part.title ?? (part.type === 'string' ? 'text' : String(part.type));
};

/** Path in the repository → content. */
export const generated = (): ReadonlyMap<string, string> =>
  new Map([
    ['schema/sluice.schema.json', `${JSON.stringify(schema, null, 2)}\n`],
    [
      'docs/configuration.md',
      [
        head(),
        ...Object.entries(schema.properties).map(([key, part]) => section(key, part as Part)),
        later(),
      ].join('\n'),
    ],
    ['docs/compatibility.md', compatibilityPage()],
  ]);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, content] of generated()) {
    const file = new URL(`../${path}`, import.meta.url);
    if (!process.argv.includes('--check')) writeFileSync(file, content);
    else if (readFileSync(file, 'utf8') !== content) {
      console.error(`${path} is not current: run \`npm run docs\``);
      process.exitCode = 1;
    }
  }
}
