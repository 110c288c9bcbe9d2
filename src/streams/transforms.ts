import type { ServerSettings } from '../config/settings.js';
import type { TransformSettings } from '../config/transformSettings.js';
import { compiledRewrite } from '../protocol/transform/compiledRewrite.js';
import type { Rewrite } from '../protocol/transform/rewrite.js';
import type { RewriteRule } from '../protocol/transform/rewriteRule.js';
import type { Target } from './exchange.js';
import { kept } from './kept.js';

/** A rule and where it is written, for whoever has to mend it. */
export interface PlacedRewrite {
  readonly place: string;
  readonly rewrite: Rewrite;
}

/** What becomes of the calls of one tool. */
export interface CallTransform {
  readonly context: boolean | 'always';
  /** From the outside in: the rule for all tools, that of the server, that of the tool. */
  readonly arguments: readonly PlacedRewrite[];
  /** From the inside out. */
  readonly results: readonly PlacedRewrite[];
  /** Those for results that tell of an error of the tool. */
  readonly errors: readonly PlacedRewrite[];
}

/** What becomes of a call; undefined for nothing. */
export type Transforms = (target: Target) => CallTransform | undefined;

/**
 * The rules of the configuration, ready for each call: put together once for each server and each tool that has some of its own.
 *
 * @param all those for the tools of all servers
 */
export const transforms = (all: TransformSettings | undefined): Transforms => {
  const known = new WeakMap<ServerSettings, Map<string, CallTransform>>();
  return ({ server, tool, begunBy, method }) => {
    const { settings } = server;
    const { toolRules, transform: ofServer } = settings;
    if (all === undefined && ofServer === undefined && toolRules === undefined) return undefined;
    const name = tool?.name ?? begunBy?.tool;
    if (name === undefined || (begunBy === undefined && method !== 'tools/call')) return undefined;
    const ofTool =
      toolRules !== undefined && Object.hasOwn(toolRules, name) ? toolRules[name]?.transform : undefined;
    if (all === undefined && ofServer === undefined && ofTool === undefined) return undefined;
    const ofThisServer = kept(known, settings, () => new Map<string, CallTransform>());
    // Names of tools are their server's, without end; those with rules are in the configuration.
    return kept(ofThisServer, ofTool === undefined ? '' : name, () =>
      together([
        [all, 'transform'],
        [ofServer, `servers.${settings.name}.transform`],
        [ofTool, `servers.${settings.name}.tools.${name}.transform`],
      ]),
    );
  };
};

const together = (levels: readonly (readonly [TransformSettings | undefined, string])[]): CallTransform => {
  const said = levels.flatMap(([settings, place]) => (settings === undefined ? [] : [{ settings, place }]));
  const inner = said.toReversed();
  const rules = (
    of: typeof said,
    key: 'arguments' | 'result',
    only: (settings: TransformSettings) => boolean = () => true,
  ) =>
    of.flatMap(({ settings, place }) => {
      const rule = settings[key];
      return rule === undefined || !only(settings)
        ? []
        : [{ place: `${place}.${key}`, rewrite: compiled(rule) }];
    });
  return {
    context: inner.find(({ settings }) => settings.context !== undefined)?.settings.context ?? false,
    arguments: rules(said, 'arguments'),
    results: rules(inner, 'result'),
    errors: rules(inner, 'result', ({ toolErrors }) => toolErrors === true),
  };
};

/** The same rule is the same object as long as its configuration is in force. */
const rewrites = new WeakMap<RewriteRule, Rewrite>();
const compiled = (rule: RewriteRule): Rewrite => kept(rewrites, rule, () => compiledRewrite(rule));
