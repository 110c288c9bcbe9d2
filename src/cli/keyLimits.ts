import { suggest } from '../config/suggest.js';
import type { ServerSettings, Settings } from '../config/settings.js';
import { anyOf } from '../protocol/glob.js';
import { exposedName } from '../protocol/names.js';
import { CliError } from './cliError.js';

/** What a key is to be limited to. */
export interface KeyLimits {
  readonly tenant?: string;
  readonly namespace?: readonly string[];
  readonly server?: readonly string[];
  readonly tool?: readonly string[];
}

/**
 * Whether there is what a key is limited to.
 *
 * @returns what may be a slip: tools that no server can have under such a name
 * @throws CliError for a tenant, a namespace or a server that the configuration does not know, where nothing else can bring it
 */
export const keyLimits = (limits: KeyLimits, settings: Settings): readonly string[] => {
  const { tenant, namespace = [], server = [], tool = [] } = limits;
  const { servers, namespaces, access, consul } = settings;
  const tenants = access?.tenants?.map(({ name }) => name);
  if (tenants !== undefined && tenant !== undefined) known('tenant', tenant, tenants);
  for (const name of namespace)
    known(
      'namespace',
      name,
      namespaces.map((each) => each.name),
    );
  // Others may be discovered.
  if (consul !== undefined) return [];
  const names = servers.map(({ name }) => name);
  for (const glob of server) if (!names.some(anyOf([glob]))) known('server', glob, names);
  const reached = server.length === 0 ? servers : servers.filter(({ name }) => anyOf(server)(name));
  return tool.flatMap((glob) => {
    if (reached.some((each) => mayHave(each, glob, settings))) return [];
    const meant = reached.flatMap((each) => exposedOf(each, glob, settings)).slice(0, 3);
    const hint = meant.length === 0 ? '' : ` Did you mean ${meant.join(', ')}?`;
    return [
      `No tool can be called ${glob}: keys name tools as clients see them, with their server's prefix.${hint}`,
    ];
  });
};

const known = (what: string, name: string, all: readonly string[]): void => {
  if (all.includes(name)) return;
  const near = suggest(name, all);
  throw new CliError(`There is no ${what} ${name} in the configuration`, {
    remedy: [
      near === undefined ? `Add it there first: a key for nothing opens nothing.` : `Did you mean ${near}?`,
    ],
  });
};

/** The tools of a REST service that the configuration lists; undefined where only the server knows. */
const listed = (server: ServerSettings): readonly string[] | undefined =>
  server.type === 'rest' && server.openapi === undefined ? server.tools.map(({ name }) => name) : undefined;

const mayHave = (server: ServerSettings, glob: string, { naming }: Settings): boolean => {
  const tools = listed(server);
  if (tools !== undefined)
    return tools.some((tool) => anyOf([glob])(exposedName(server.prefix, naming.separator, tool)));
  const before = server.prefix === '' ? '' : `${server.prefix}${naming.separator}`;
  const [head = ''] = glob.split(/[*?]/, 1);
  return head.startsWith(before) || (head !== glob && before.startsWith(head));
};

const exposedOf = (server: ServerSettings, glob: string, { naming }: Settings): readonly string[] => {
  const { prefix } = server;
  const tools = listed(server);
  if (tools === undefined) return [`${prefix}${naming.separator}${glob}`];
  return tools.filter(anyOf([glob])).map((tool) => exposedName(prefix, naming.separator, tool));
};
