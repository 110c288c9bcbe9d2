import { argumentCheck, type ArgumentCheck } from '../protocol/argumentCheck.js';
import { anyOf, type NameTest } from '../protocol/glob.js';
import { isObject } from '../protocol/jsonrpc.js';
import type { ToolRule } from '../config/settings.js';
import type { TimeLimits } from '../config/timeSettings.js';
import type {
  PromptDefinition,
  ResourceDefinition,
  ResourceTemplateDefinition,
  ToolDefinition,
} from '../protocol/mcp.js';
import { distinctName, exposedName } from '../protocol/names.js';
import { uriTemplateTest, type UriTest } from '../protocol/uriTemplate.js';
import type { Access } from './access.js';
import type { ServerState } from './serverState.js';

/** Something offered, with the server behind it. `definition` is what clients see, `upstream` what the server calls it. */
export interface Entry<D> {
  /** What it is found by: exposed name or URI. Unique in its view. */
  readonly key: string;
  readonly definition: D;
  readonly upstream: D;
  readonly server: ServerState;
}

export interface ToolEntry extends Entry<ToolDefinition> {
  /** Compiled when first called. */
  readonly check: ArgumentCheck;
  /** The tool's own time limit, or its server's. */
  readonly timeoutMs: number;
  /** The tool's own limits over those of its server. */
  readonly times: TimeLimits | undefined;
  /** What the configuration says of this very tool. */
  readonly rule: ToolRule | undefined;
  /** Whether the gateway itself offers it as a task. */
  readonly offeredAsTask: boolean;
}

export interface TemplateEntry extends Entry<ResourceTemplateDefinition> {
  readonly matches: UriTest;
}

/** What one endpoint shows. Lists are sorted by key: the same on every request and every instance. */
export interface View {
  readonly servers: readonly ServerState[];
  readonly tools: ReadonlyMap<string, ToolEntry>;
  readonly prompts: ReadonlyMap<string, Entry<PromptDefinition>>;
  readonly resources: ReadonlyMap<string, Entry<ResourceDefinition>>;
  readonly templates: ReadonlyMap<string, TemplateEntry>;
  /** Other names that tools of discovered services are called by: joined by a dot, as gateways before this one had them. */
  readonly dotted: ReadonlyMap<string, ToolEntry>;
  /** Whether this caller may read this resource of that server, listed or not. */
  readonly mayRead: (server: ServerState, uri: string) => boolean;
}

export interface ViewRules {
  readonly separator: string;
  /** Whether names carry their server's prefix. */
  readonly prefixed: boolean;
  /** Access lists of the namespace, over names with prefix. */
  readonly allowed: NameTest;
  readonly denied: NameTest;
  /** `blocked_tools`: over names with prefix and the server's own. */
  readonly blocked: NameTest;
  /** What the caller may have. */
  readonly access: Access;
}

/** Builds a view: names made exposable and distinct, what is not allowed left out. */
export const buildView = (servers: readonly ServerState[], rules: ViewRules): View => {
  const tools: ToolEntry[] = [];
  const prompts: Entry<PromptDefinition>[] = [];
  const resources: Entry<ResourceDefinition>[] = [];
  const templates: TemplateEntry[] = [];
  for (const server of servers) {
    const { offer, settings } = server;
    if (offer === undefined) continue;
    const { prefix } = settings;
    const offers = (kind: 'tools' | 'resources' | 'prompts'): boolean =>
      settings.capabilities?.includes(kind) ?? true;
    const { access } = rules;
    const { name: serverName } = settings;
    const full = (own: string): string => exposedName(prefix, rules.separator, own);
    const exposed = (own: string): string =>
      exposedName(
        prefixOf(access.prefix, rules.prefixed ? prefix : '', rules.separator),
        rules.separator,
        own,
      );
    const wanted = wantedTools(server, rules);
    const { toolRules = {} } = settings;
    if (offers('tools'))
      for (const upstream of offer.tools) {
        if (!wanted(upstream.name)) continue;
        const key = exposed(upstream.name);
        const rule = Object.hasOwn(toolRules, upstream.name) ? toolRules[upstream.name] : undefined;
        const offeredAsTask = rule?.task === true;
        const definition = exposedTool(upstream, key, offeredAsTask);
        tools.push({
          key,
          definition,
          upstream,
          server,
          check: argumentCheck(upstream),
          timeoutMs: rule?.timeoutMs ?? settings.timeoutMs,
          times: rule?.times === undefined ? settings.times : { ...settings.times, ...rule.times },
          rule,
          offeredAsTask,
        });
      }
    if (offers('prompts'))
      for (const upstream of offer.prompts) {
        if (!access.prompt(serverName, upstream.name, full(upstream.name))) continue;
        const key = exposed(upstream.name);
        prompts.push({ key, definition: { ...upstream, name: key }, upstream, server });
      }
    if (offers('resources')) {
      for (const upstream of offer.resources)
        if (access.resource(serverName, upstream.uri))
          resources.push({ key: upstream.uri, definition: upstream, upstream, server });
      for (const upstream of offer.resourceTemplates) {
        if (!access.template(serverName, upstream.uriTemplate)) continue;
        const matches = uriTemplateTest(upstream.uriTemplate);
        templates.push({ key: upstream.uriTemplate, definition: upstream, upstream, server, matches });
      }
    }
  }
  const named = distinct(tools);
  return {
    servers,
    tools: named,
    dotted: dottedNames(named),
    prompts: distinct(prompts),
    resources: firstOfEach(resources),
    templates: firstOfEach(templates),
    mayRead: ({ settings }, uri) => rules.access.resource(settings.name, uri),
  };
};

const prefixOf = (tenant: string | undefined, server: string, separator: string): string =>
  [tenant, server].filter((part) => part !== undefined && part !== '').join(separator);

/** Never in a list: vendors refuse dots in names. A name that is a tool's own goes before. */
const dottedNames = (tools: ReadonlyMap<string, ToolEntry>): ReadonlyMap<string, ToolEntry> => {
  const dotted = new Map<string, ToolEntry>();
  for (const entry of tools.values()) {
    const { settings } = entry.server;
    if (settings.discovered === undefined || settings.prefix === '') continue;
    const name = `${settings.prefix}.${entry.upstream.name}`;
    if (!dotted.has(name)) dotted.set(name, entry);
  }
  return dotted;
};

/** A tool as clients see it; that it can be a task is told where the gateway makes it one (2025-11-25: `execution`). */
const exposedTool = (upstream: ToolDefinition, name: string, offeredAsTask: boolean): ToolDefinition => {
  if (!offeredAsTask) return name === upstream.name ? upstream : { ...upstream, name };
  const execution = upstream['execution'];
  return {
    ...upstream,
    name,
    execution: { ...(isObject(execution) ? execution : undefined), taskSupport: 'optional' },
  };
};

const wantedTools = ({ settings }: ServerState, rules: ViewRules): NameTest => {
  // An OpenAPI document's operations have been chosen by their operationId, before it was fitted into a tool's name.
  const chosen = settings.type === 'rest' && settings.openapi !== undefined;
  const included = chosen || settings.include === undefined ? () => true : anyOf(settings.include);
  const excluded = chosen ? () => false : anyOf(settings.exclude);
  return (own) => {
    const full = exposedName(settings.prefix, rules.separator, own);
    const listed = included(own) && !excluded(own);
    const blocked = rules.blocked(own) || rules.blocked(full);
    const shown = listed && !blocked && rules.allowed(full) && !rules.denied(full);
    return shown && rules.access.tool(settings.name, own, full);
  };
};

const byKey = <D>(a: Entry<D>, b: Entry<D>): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/**
 * Two that would be called alike: one whose own name needed no change keeps it, then the server that is configured first; the
 * other's name gets a hash.
 */
const distinct = <D extends { readonly name: string }, E extends Entry<D>>(
  entries: readonly E[],
): Map<string, E> => {
  const taken = new Map<string, E>();
  const inRank = [...entries.filter(isVerbatim), ...entries.filter((entry) => !isVerbatim(entry))];
  for (const entry of inRank) {
    const { key, server, upstream } = entry;
    if (!taken.has(key)) taken.set(key, entry);
    else {
      const name = distinctName(key, server.settings.name, upstream.name);
      taken.set(name, { ...entry, key: name, definition: { ...entry.definition, name } });
    }
  }
  return new Map([...taken.values()].sort(byKey).map((entry) => [entry.key, entry]));
};

const isVerbatim = ({ key, upstream }: Entry<{ readonly name: string }>): boolean =>
  key.endsWith(upstream.name);

/** A URI is the server's own and can't be renamed: the server configured first answers for it. */
const firstOfEach = <D, E extends Entry<D>>(entries: readonly E[]): Map<string, E> => {
  const taken = new Map<string, E>();
  for (const entry of entries) if (!taken.has(entry.key)) taken.set(entry.key, entry);
  return new Map([...taken.values()].sort(byKey).map((entry) => [entry.key, entry]));
};
