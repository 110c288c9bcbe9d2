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
import { exposedName } from '../protocol/names.js';
import { uriTemplateTest, type UriTest } from '../protocol/uriTemplate.js';
import type { Access } from './access.js';
import { kept } from './kept.js';
import type { ServerState } from './serverState.js';

/** Something offered, with the server behind it. `definition` is what clients see, `upstream` what the server calls it. */
export interface Entry<D> {
  /** What it is found by: exposed name or URI. Unique in its view. */
  readonly key: string;
  /** What it would be found by if another did not have that name. */
  readonly wanted?: string;
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

/** What decides which part of an offer is shown, and under which names. The same object for the same rules: see {@link sliceOf}. */
export interface ViewRules {
  readonly separator: string;
  /** Whether names carry their server's prefix. */
  readonly prefixed: boolean;
  /** Access lists of the namespace, over names with prefix. */
  readonly allowed: NameTest;
  readonly denied: NameTest;
  /** `blocked_tools`: over names with prefix, with that of the tenant too, and the server's own. */
  readonly blocked: NameTest;
  /** What the caller may have. */
  readonly access: Access;
}

/** What one server brings into a view, in its own order: before names of several servers are made distinct. */
export interface Slice {
  readonly tools: readonly ToolEntry[];
  readonly prompts: readonly Entry<PromptDefinition>[];
  readonly resources: readonly Entry<ResourceDefinition>[];
  readonly templates: readonly TemplateEntry[];
}

const slices = new WeakMap<ViewRules, WeakMap<ServerState, Slice>>();
/** By separator and prefix: the entries are those of all views that name them alike. */
const entries = new WeakMap<ServerState, Map<string, Slice>>();

/**
 * What a server brings into the views with these rules. Made once for a server as it is: of a thousand servers one has changed, and the
 * entries of the others are the same objects as before.
 */
export const sliceOf = (server: ServerState, rules: ViewRules): Slice =>
  kept(
    kept(slices, rules, () => new WeakMap<ServerState, Slice>()),
    server,
    () => {
      const { access, prefixed, separator } = rules;
      const { name, prefix } = server.settings;
      const all = entriesOf(server, prefixOf(access.prefix, prefixed ? prefix : '', separator), separator);
      const wanted = wantedTools(server, rules);
      const full = (own: string): string => exposedName(prefix, separator, own);
      return {
        tools: all.tools.filter(({ upstream }) => wanted(upstream.name)),
        prompts: all.prompts.filter(({ upstream }) =>
          access.prompt(name, upstream.name, full(upstream.name)),
        ),
        resources: all.resources.filter(({ key }) => access.resource(name, key)),
        templates: all.templates.filter(({ key }) => access.template(name, key)),
      };
    },
  );

const prefixOf = (tenant: string | undefined, server: string, separator: string): string =>
  [tenant, server].filter((part) => part !== undefined && part !== '').join(separator);

const entriesOf = (server: ServerState, prefix: string, separator: string): Slice =>
  kept(
    kept(entries, server, () => new Map<string, Slice>()),
    `${separator} ${prefix}`,
    () => {
      const { offer, settings } = server;
      const exposed = (own: string): string => exposedName(prefix, separator, own);
      const offered = <D>(kind: 'tools' | 'resources' | 'prompts', all: readonly D[] = []): readonly D[] =>
        (settings.capabilities?.includes(kind) ?? true) ? all : [];
      return {
        tools: offered('tools', offer?.tools).map((upstream) =>
          toolEntry(server, upstream, exposed(upstream.name)),
        ),
        prompts: offered('prompts', offer?.prompts).map((upstream) => {
          const key = exposed(upstream.name);
          return { key, definition: { ...upstream, name: key }, upstream, server };
        }),
        resources: offered('resources', offer?.resources).map((upstream) => ({
          key: upstream.uri,
          definition: upstream,
          upstream,
          server,
        })),
        templates: offered('resources', offer?.resourceTemplates).map((upstream) => ({
          key: upstream.uriTemplate,
          definition: upstream,
          upstream,
          server,
          matches: uriTemplateTest(upstream.uriTemplate),
        })),
      };
    },
  );

const toolEntry = (server: ServerState, upstream: ToolDefinition, key: string): ToolEntry => {
  const { toolRules = {}, timeoutMs, times } = server.settings;
  const rule = Object.hasOwn(toolRules, upstream.name) ? toolRules[upstream.name] : undefined;
  const offeredAsTask = rule?.task === true;
  return {
    key,
    definition: exposedTool(upstream, key, offeredAsTask),
    upstream,
    server,
    check: argumentCheck(upstream),
    timeoutMs: rule?.timeoutMs ?? timeoutMs,
    times: rule?.times === undefined ? times : { ...times, ...rule.times },
    rule,
    offeredAsTask,
  };
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
  const tenant = rules.access.prefix;
  return (own) => {
    const full = exposedName(settings.prefix, rules.separator, own);
    const listed = included(own) && !excluded(own);
    const theirs = tenant === undefined ? full : exposedName(tenant, rules.separator, full);
    const blocked = rules.blocked(own) || rules.blocked(full) || rules.blocked(theirs);
    const shown = listed && !blocked && rules.allowed(full) && !rules.denied(full);
    return shown && rules.access.tool(settings.name, own, full);
  };
};
