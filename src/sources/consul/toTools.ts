import type { SignatureMode } from '../../config/consulSettings.js';
import type { RestToolSettings, ToolRule } from '../../config/settings.js';
import { exposedName } from '../../protocol/names.js';
import { soundDefinition } from '../../protocol/soundDefinition.js';
import type { Registration } from './registration.js';
import { signatureFault, type SignedManifest } from './signatureFault.js';
import type { ToolDraft } from './toolDraft.js';

export interface ToToolsOptions {
  /** The registration that speaks for the service. */
  readonly speaker: Registration;
  /** Public keys in PEM, by id. */
  readonly trusted: ReadonlyMap<string, string>;
  readonly mode: SignatureMode;
  /** In front of exposed names; `''` for none. */
  readonly prefix: string;
}

export interface FoundTools {
  readonly tools: readonly RestToolSettings[];
  readonly rules: Readonly<Record<string, ToolRule>>;
  /** What was left out, and what is offered although it should not be trusted. */
  readonly notices: readonly string[];
}

/** Methods that a request can have; CONNECT and TRACE are not among them. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** The tools that are offered of those a service describes. One that can't be offered takes no other with it. */
export const toTools = (drafts: readonly ToolDraft[], options: ToToolsOptions): FoundTools => {
  const tools: RestToolSettings[] = [];
  const rules: Record<string, ToolRule> = {};
  const notices: string[] = [];
  for (const draft of drafts) {
    const tool = toTool(draft, qualified(draft.name, options));
    const fault = draft.fault ?? faultOf(draft, tool) ?? signedOrWhy(draft, tool, options, notices);
    if (fault !== undefined) {
      notices.push(`${draft.name} is left out: ${fault}`);
      continue;
    }
    tools.push(tool);
    if (draft.ignored !== undefined) notices.push(`${draft.name}: ${draft.ignored}`);
    if (draft.timeoutMs !== undefined) rules[draft.name] = { timeoutMs: draft.timeoutMs };
  }
  return { tools, rules, notices };
};

/** The name with its prefix: what a tool without a description is described by. */
const qualified = (name: string, { prefix }: ToToolsOptions): string => exposedName(prefix, '_', name);

/** As registered services expect it unless they say otherwise: `POST` to the base URL, the arguments as the JSON body. */
const toTool = (draft: ToolDraft, qualifiedName: string): RestToolSettings => ({
  name: draft.name,
  ...(draft.title !== undefined && { title: draft.title }),
  description: draft.description ?? qualifiedName,
  method: draft.method ?? 'POST',
  path: draft.path ?? '',
  ...(draft.query !== undefined && { query: draft.query }),
  ...(draft.headers !== undefined && { headers: draft.headers }),
  // All arguments are the body, one that is called `body` too, where the tool describes no request of its own.
  ...bodyOf(draft),
  inputSchema: draft.inputSchema ?? { type: 'object' },
  ...(draft.outputSchema !== undefined && { outputSchema: draft.outputSchema }),
  ...(draft.annotations !== undefined && { annotations: draft.annotations }),
  streaming: draft.streaming ?? false,
});

const bodyOf = ({ body, method, path }: ToolDraft): { readonly body?: string } => {
  if (body !== undefined) return { body };
  return method === undefined && path === undefined ? { body: '*' } : {};
};

const faultOf = (draft: ToolDraft, tool: RestToolSettings): string | undefined => {
  if (!methods.has(tool.method)) return `its method ${JSON.stringify(tool.method.slice(0, 20))} is none`;
  const { title, description, inputSchema, outputSchema, annotations } = tool;
  const sound = soundDefinition('Tool', {
    name: draft.name,
    ...(title !== undefined && { title }),
    description,
    inputSchema,
    ...(outputSchema !== undefined && { outputSchema }),
    ...(annotations !== undefined && { annotations }),
  });
  if ('fault' in sound) return sound.fault;
  return sound.dropped.length === 0 ? undefined : `its ${sound.dropped.join(' and ')} is malformed`;
};

/** Why the tool must not be offered; in mode `warn` that is only noted. */
const signedOrWhy = (
  { name, signature, keyId }: ToolDraft,
  tool: RestToolSettings,
  { speaker, trusted, mode, prefix }: ToToolsOptions,
  notices: string[],
): string | undefined => {
  if (mode === 'off') return undefined;
  const fault = signatureFault({ signature, keyId, manifests: manifests(tool, speaker, prefix) }, trusted);
  if (fault === undefined || mode === 'enforce') return fault;
  notices.push(`${name} is offered although its signature fails: ${fault}`);
  return undefined;
};

/**
 * The same tool under each name that signers know it by: with its prefix, as CAPI exposes it (joined by `_`, once by `.`), or
 * without; of the service by its name, its name and group, or the id of the registration.
 */
const manifests = (
  { name, description, inputSchema }: RestToolSettings,
  { service, id, meta }: Registration,
  prefix: string,
): readonly SignedManifest[] => {
  const { group, version = '' } = meta;
  const names = prefix === '' ? [name] : [name, `${prefix}_${name}`, `${prefix}.${name}`];
  const services = [...new Set([service, ...(group === undefined ? [] : [`${service}:${group}`]), id])];
  return services.flatMap((serviceId) =>
    names.map((known) => ({
      description: description ?? '',
      inputSchema,
      name: known,
      serviceId,
      version,
    })),
  );
};
