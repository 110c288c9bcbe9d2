import type { CacheRule, CacheSettings, ToolCacheRule } from '../config/cacheSettings.js';
import type { ServerSettings } from '../config/settings.js';
import { anyOf } from '../protocol/glob.js';
import type { ToolDefinition } from '../protocol/mcp.js';
import { exposedName } from '../protocol/names.js';
import type { Target } from './exchange.js';
import { kept } from './kept.js';

/** What is remembered of which calls. */
export interface CacheRules {
  /** The rule for the answer to a call; undefined where it is not to be remembered. */
  readonly of: (target: Target) => CacheRule | undefined;
  /** Whether a call may change what other tools of its server answer, as far as anybody may know. */
  readonly mayWrite: (target: Target) => boolean;
  readonly maxAnswerBytes: number;
}

/** The rules of the configuration, ready for each call. @param separator of exposed names */
export const cacheRules = ({ calls, maxAnswerBytes }: CacheSettings, separator: string): CacheRules => {
  const resources = only(calls['resources/read']);
  const prompts = only(calls['prompts/get']);
  const tools = only(calls['tools/call']);
  const courseOf = calls['tools/call'] && courses(calls['tools/call'], separator);
  const course = (target: Target): Course | undefined =>
    courseOf === undefined || tools(target) === undefined ? undefined : courseOf(target);
  return {
    of(target) {
      switch (target.method) {
        case 'resources/read':
          return resources(target);
        case 'prompts/get':
          return prompts(target);
        case 'tools/call': {
          const known = course(target);
          return known === 'reads' || known === 'repeats' ? tools(target) : undefined;
        }
        default:
          return undefined;
      }
    },
    mayWrite(target) {
      const known = course(target);
      return known === 'writes' || known === 'repeats';
    },
    maxAnswerBytes,
  };
};

const only = (rule: CacheRule | undefined): ((target: Target) => CacheRule | undefined) => {
  if (rule?.servers === undefined) return () => rule;
  const isFor = anyOf(rule.servers);
  return ({ server }) => (isFor(server.settings.name) ? rule : undefined);
};

/** What a call of a tool does: `repeats` what the like of it did before, to no further effect; `hides` that it only reads. */
type Course = 'reads' | 'repeats' | 'writes' | 'hides';

/**
 * What tools do: as the configuration says, or as they say themselves where they are believed. What a server says of its tools is only
 * its word (annotations are hints), so that nobody is believed who is not named, but the configuration's own tools.
 */
const courses = (rule: ToolCacheRule, separator: string): ((target: Target) => Course | undefined) => {
  const [named, trusted] = [anyOf(rule.tools), anyOf(rule.trusted)];
  const known = new WeakMap<ToolDefinition, Course>();
  const course = (tool: ToolDefinition, settings: ServerSettings): Course => {
    const { name, prefix } = settings;
    if (named(tool.name) || named(exposedName(prefix, separator, tool.name))) return 'reads';
    const { readOnlyHint, idempotentHint } = tool.annotations ?? {};
    const isBelieved = isOwn(tool, settings) || trusted(name);
    if (isBelieved && readOnlyHint === true && rule.hints.includes('read_only')) return 'reads';
    if (isBelieved && idempotentHint === true && rule.hints.includes('idempotent'))
      return readOnlyHint === true ? 'reads' : 'repeats';
    return readOnlyHint === true ? 'hides' : 'writes';
  };
  return ({ tool, server: { settings } }) => tool && kept(known, tool, () => course(tool, settings));
};

/** Whether it is the configuration that describes the tool. */
const isOwn = ({ name }: ToolDefinition, settings: ServerSettings): boolean =>
  settings.type === 'rest' &&
  settings.discovered === undefined &&
  settings.tools.some((tool) => tool.name === name);
