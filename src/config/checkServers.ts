import { Ajv2020 } from 'ajv/dist/2020.js';
import { isIP } from 'node:net';
import { limits } from './limits.js';
import { milliseconds } from './milliseconds.js';
import { checkOAuth } from './checkOAuth.js';
import { childPointer, dotted } from './pointer.js';
import type { Report } from './report.js';
import type { RawConfig } from './schema.js';
import type { RawMcpServer, RawRestServer, RawRestTool, RawServer } from './schema/servers.js';

/** Parts of servers that do not go together, and schemas that are none. */
export const checkServers = ({ servers }: RawConfig, report: Report): void => {
  for (const [name, server] of Object.entries(servers ?? {})) {
    const pointer = childPointer('/servers', name);
    if (!report.sound(pointer)) continue;
    if (isStdio(server)) continue;
    checkAddresses(server, pointer, report);
    if (server.dns !== undefined) checkDns(server, server.dns, `${pointer}/dns`, report);
    checkHeaders(server.headers, `${pointer}/headers`, report);
    if (server.type === 'rest') checkRest(server, pointer, report);
    checkOAuth(server, pointer, report);
  }
};

const isStdio = (server: RawServer): server is Extract<RawServer, { type: 'stdio' }> =>
  server.type === 'stdio';

const checkAddresses = (server: RawMcpServer | RawRestServer, pointer: string, report: Report): void => {
  const [first, second] = (['url', 'urls', 'primary'] as const).filter((key) => server[key] !== undefined);
  if (first !== undefined && second !== undefined)
    report.add(
      `${pointer}/${second}`,
      `\`${first}\` and \`${second}\` both name addresses`,
      'Use `url` for one instance, `urls` for several equal ones, or `primary` and `fallback`',
      'key',
    );
  if (server.fallback !== undefined && server.primary === undefined)
    report.add(
      `${pointer}/fallback`,
      '`fallback` needs a `primary` to stand in for',
      'Name the preferred address under `primary`, or all of them under `urls`',
      'key',
    );
  else if (first === undefined && !(server.type === 'rest' && server.openapi !== undefined))
    report.add(
      pointer,
      `\`${dotted(pointer)}\` has no address`,
      server.type === 'rest'
        ? 'Add `url: http://host:port`'
        : 'Add `url: http://host:port/mcp`, or write `type: stdio` and a `command`',
      'key',
    );
};

const checkDns = (
  { url }: RawMcpServer | RawRestServer,
  { min_ttl, max_ttl }: NonNullable<RawMcpServer['dns']>,
  pointer: string,
  report: Report,
): void => {
  const host = url === undefined ? '' : new URL(url).hostname;
  if (url === undefined)
    report.add(
      pointer,
      '`dns` looks up the host of `url`, and there is none',
      'Write `url: http://name:port`, or remove `dns`',
      'key',
    );
  else if (isIP(host.replace(/^\[|\]$/g, '')) > 0)
    report.add(
      pointer,
      `\`${host}\` is an address already: there is nothing to look up`,
      'Remove `dns`',
      'key',
    );
  const [least, most] = [
    milliseconds(min_ttl ?? limits.dnsMinTtlMs / 1000),
    milliseconds(max_ttl ?? limits.dnsMaxTtlMs / 1000),
  ];
  if (least > most)
    report.add(
      `${pointer}/${max_ttl === undefined ? 'min_ttl' : 'max_ttl'}`,
      `\`min_ttl\` (${least / 1000} s) is longer than \`max_ttl\` (${most / 1000} s)`,
      'Change one of them',
    );
};

/** Headers that frame the message: undici writes them itself and refuses ours. */
const framing = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

const checkHeaders = (
  headers: Readonly<Record<string, string>> | undefined,
  pointer: string,
  report: Report,
): void => {
  const seen = new Set<string>();
  for (const name of Object.keys(headers ?? {})) {
    const lower = name.toLowerCase();
    const at = childPointer(pointer, name);
    if (framing.has(lower))
      report.add(at, `\`${name}\` belongs to the connection and can not be set`, 'Remove it', 'key');
    if (seen.has(lower))
      report.add(at, `\`${name}\` is written twice (case makes no difference)`, 'Keep one of them', 'key');
    seen.add(lower);
  }
};

const checkRest = (server: RawRestServer, pointer: string, report: Report): void => {
  const { tools = {}, openapi } = server;
  for (const key of ['url', 'urls', 'primary', 'fallback'] as const)
    [server[key] ?? []].flat().forEach((written, index) => {
      const address = typeof written === 'string' ? written : written.url;
      if (URL.canParse(address) && new URL(address).search !== '')
        report.add(
          Array.isArray(server[key]) ? `${pointer}/${key}/${index}` : `${pointer}/${key}`,
          'The URL of a REST server has no query',
          'Put it into the `path` of its tools, and what is secret under `headers`',
        );
    });
  if (openapi === undefined && Object.keys(tools).length === 0)
    report.add(
      pointer,
      `\`${dotted(pointer)}\` has no tools`,
      'Describe some under `tools`, or name an OpenAPI document under `openapi`',
      'key',
    );
  if (openapi !== undefined && /^[a-z][a-z0-9+.-]+:\/\//i.test(openapi) && !isHttp(openapi))
    report.add(
      `${pointer}/openapi`,
      '`openapi` must be a file or an http:// or https:// URL',
      'Write `./openapi.yaml` or `https://host/openapi.json`',
    );
  for (const [name, tool] of Object.entries(tools))
    checkTool(tool, childPointer(`${pointer}/tools`, name), report);
};

const isHttp = (text: string): boolean => /^https?:\/\//i.test(text) && URL.canParse(text);

const checkTool = (tool: RawRestTool, pointer: string, report: Report): void => {
  for (const key of ['input_schema', 'output_schema'] as const)
    if (tool[key] !== undefined) checkSchema(tool[key], `${pointer}/${key}`, report);
  const input = tool.input_schema;
  if (input === undefined) return;
  if (input['type'] !== 'object')
    report.add(
      'type' in input ? `${pointer}/input_schema/type` : `${pointer}/input_schema`,
      'Arguments come as an object, and this schema does not say so',
      'Write `type: object`',
    );
  const declared = input['properties'];
  if (typeof declared !== 'object' || declared === null) return;
  for (const [, name = ''] of tool.path.matchAll(/\{([^{}]+)\}/g))
    if (!Object.hasOwn(declared, name))
      report.add(
        `${pointer}/path`,
        `The path needs an argument \`${name}\` that \`input_schema\` does not declare`,
        `Add \`${name}\` to \`properties\` and \`required\``,
      );
};

/** Only against the meta-schema: nothing is compiled, nothing referred to is fetched. */
const checkSchema = (schema: Readonly<Record<string, unknown>>, pointer: string, report: Report): void => {
  meta ??= new Ajv2020({ logger: false });
  // A schema that names another dialect is its author's business.
  if (schema['$schema'] !== undefined && schema['$schema'] !== 'https://json-schema.org/draft/2020-12/schema')
    return;
  if (meta.validateSchema(schema) === true) return;
  const [error] = meta.errors ?? [];
  report.add(
    `${pointer}${error?.instancePath ?? ''}`,
    `This is no valid JSON Schema: it ${error?.message ?? 'is malformed'}`,
    'See json-schema.org, draft 2020-12',
  );
};
let meta: Ajv2020 | undefined;
