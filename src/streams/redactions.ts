import { limits } from '../config/limits.js';
import type { RedactSettings, ScopedRedaction } from '../config/redactSettings.js';
import { refusal } from '../protocol/errors.js';
import { anyOf, type NameTest } from '../protocol/glob.js';
import { exposedName } from '../protocol/names.js';
import { compiledRule, type CompiledRule } from '../protocol/redaction/compiledRule.js';
import { Redactor } from '../protocol/redaction/redactor.js';
import type { CallRedaction } from './callRedaction.js';
import { kept } from './kept.js';

/** What decides which rules a call is about. */
export interface RedactedCall {
  readonly server: string;
  readonly prefix: string;
  /** The server's own name of the tool; undefined for what is no tool's. */
  readonly tool: string | undefined;
  readonly tenant: string | undefined;
  /** Paths of what the decision about the call wants masked: in the result, or in the arguments where they begin with that word. */
  readonly mask: readonly string[] | undefined;
}

/** What is redacted of a call; undefined for nothing. */
export type Redactions = (call: RedactedCall) => CallRedaction | undefined;

interface Scoped extends CompiledRule {
  readonly direction: ScopedRedaction['direction'];
  readonly own: boolean;
  readonly fits: (call: RedactedCall, exposed: string | undefined) => boolean;
}

/** Calls whose redaction is remembered; beyond them all are worked out anew. */
const maxKept = 10_000;

/**
 * The rules of the configuration, ready for each call: which of them are about it is worked out once for each tool and tenant.
 *
 * @param key of hashes
 * @param separator of exposed names
 */
export const redactions = (
  { rules, holdMs }: Pick<RedactSettings, 'rules' | 'holdMs'> = { rules: [], holdMs: limits.redactHoldMs },
  key: Uint8Array,
  separator: string,
): Redactions => {
  const scoped = rules.map((rule) => scopedRule(rule));
  const known = new Map<string, { readonly redaction: CallRedaction | undefined }>();

  const make = (call: RedactedCall): CallRedaction | undefined => {
    const { tool, prefix, mask = [] } = call;
    const exposed = tool === undefined ? undefined : exposedName(prefix, separator, tool);
    const about = scoped.filter(({ fits }) => fits(call, exposed));
    const inArguments = about.filter(({ direction }) => direction !== 'results');
    const inResults = about.filter(({ direction }) => direction !== 'arguments');
    const [sent, answered] = maskRules(mask);
    const ownPatterns = inResults.some(({ own }) => own);
    const redactor = (all: readonly CompiledRule[], direction: 'arguments' | 'results') =>
      all.length === 0 ? undefined : new Redactor(all, { key, direction, ownPatterns });
    const redaction = {
      arguments: redactor([...inArguments, ...sent], 'arguments'),
      results: redactor([...inResults, ...answered], 'results'),
      holdMs,
    };
    return redaction.arguments === undefined && redaction.results === undefined ? undefined : redaction;
  };

  return (call) => {
    if (call.mask !== undefined && call.mask.length > 0) return make(call);
    if (scoped.length === 0) return undefined;
    if (known.size >= maxKept) known.clear();
    const id = JSON.stringify([call.server, call.tool, call.tenant]);
    return kept(known, id, () => ({ redaction: make(call) })).redaction;
  };
};

const scopedRule = (rule: ScopedRedaction): Scoped => {
  const { servers, tools, tenants, direction, patterns } = rule;
  const test = (globs: readonly string[] | undefined): NameTest | undefined => globs && anyOf(globs);
  const [ofServer, ofTool, ofTenant] = [test(servers), test(tools), test(tenants)];
  return {
    ...compiledRule(rule),
    direction,
    own: patterns.length > 0,
    fits: ({ server, tool, tenant }, exposed) =>
      (ofServer?.(server) ?? true) &&
      (ofTool === undefined ||
        (tool !== undefined && exposed !== undefined && (ofTool(tool) || ofTool(exposed)))) &&
      (ofTenant === undefined || (tenant !== undefined && ofTenant(tenant))),
  };
};

/** What a policy wants masked, as rules: in arguments, in results. What can't be read is not passed on unmasked. */
const maskRules = (paths: readonly string[]): readonly [readonly CompiledRule[], readonly CompiledRule[]] => {
  const inArguments = /^(?:\$\.?)?arguments(?=$|[.[])/;
  const sent = paths.filter((path) => inArguments.test(path));
  const answered = paths.filter((path) => !inArguments.test(path));
  return [rulesOf(sent.map((path) => path.replace(inArguments, '$'))), rulesOf(answered)];
};

const rulesOf = (paths: readonly string[]): readonly CompiledRule[] => {
  if (paths.length === 0) return [];
  try {
    return [compiledRule({ name: 'policy', detect: [], patterns: [], paths, action: 'mask', keepLast: 0 })];
  } catch (cause) {
    throw refusal('ERR_FORBIDDEN', 'A policy wants something masked that can not be', { cause });
  }
};
