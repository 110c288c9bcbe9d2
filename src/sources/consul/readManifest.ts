import { isDeeperThan } from '../../protocol/depth.js';
import { isObject } from '../../protocol/jsonrpc.js';
import { aTime, ignored } from './ignored.js';
import { namedPolicies, policyKeys, type NamedPolicy, type PolicyKey } from './namedPolicies.js';
import type { ToolDraft } from './toolDraft.js';

/** Nesting of a manifest; whoever writes its schemas again needs a stack frame a level. */
const maxDepth = 64;

type Fields = Readonly<Record<string, unknown>>;

/** What a manifest says. */
export interface Manifest {
  readonly tools: readonly ToolDraft[];
  /** The policies that it and its tools name. */
  readonly policies: readonly NamedPolicy[];
  /** Where it can't be understood, a key that names a policy and is somewhere in it. */
  readonly mentions?: PolicyKey;
  /** Why its tools are not known. */
  readonly fault?: string;
}

/**
 * Reads a manifest: a JSON document in Consul KV, for what does not fit into Meta.
 *
 * `{ "tools": [{ "name": …, "description": …, "inputSchema": …, "method": "GET", "path": "/x/{id}", … }] }`, or `tools` as an object
 * by name.
 *
 * @param text undefined where there is none
 */
export const readManifest = (text: string | undefined): Manifest => {
  if (text === undefined) return { tools: [], policies: [] };
  if (isDeeperThan(text, maxDepth)) return broken(text, `it nests deeper than ${maxDepth} levels`);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return broken(text, 'it is no JSON'); // what the parser says would quote it
  }
  if (!isObject(document)) return broken(text, 'it has no `tools`');
  const tools = namedTools(document['tools']);
  return {
    tools: (tools ?? []).map(([name, tool]) => toolOf(name, tool)),
    policies: [
      ...namedPolicies(document),
      ...(tools ?? []).flatMap(([name, tool]) => namedPolicies(tool, name)),
    ],
    ...(tools === undefined && { fault: 'it has no `tools`' }),
  };
};

const broken = (text: string, fault: string): Manifest => {
  const mentions = policyKeys.find((key) => text.includes(key));
  return { tools: [], policies: [], ...(mentions !== undefined && { mentions }), fault };
};

const namedTools = (tools: unknown): readonly (readonly [string, Fields])[] | undefined => {
  if (Array.isArray(tools)) return tools.filter(isNamed).map((tool) => [tool.name, tool]);
  if (!isObject(tools)) return undefined;
  return Object.entries(tools).map(([name, tool]) => [name, isObject(tool) ? tool : {}]);
};

const isNamed = (tool: unknown): tool is Fields & { readonly name: string } =>
  isObject(tool) && typeof tool['name'] === 'string' && tool['name'] !== '';

const toolOf = (name: string, tool: Fields): ToolDraft => {
  const { method, path, query, headers, body } = isObject(tool['http']) ? tool['http'] : tool;
  const { timeout, streaming } = tool;
  const isTime = typeof timeout === 'number' && timeout > 0 && timeout < 1e9;
  const faults = ['inputSchema', 'outputSchema', 'annotations'].filter(
    (key) => tool[key] !== undefined && !isObject(tool[key]),
  );
  return {
    name,
    title: textOf(tool['title']),
    description: textOf(tool['description']),
    inputSchema: objectOf(tool['inputSchema']),
    outputSchema: objectOf(tool['outputSchema']),
    annotations: objectOf(tool['annotations']),
    method: textOf(method)?.toUpperCase(),
    path: textOf(path),
    query: textsOf(query),
    headers: textsOf(headers),
    body: textOf(body),
    streaming: typeof streaming === 'boolean' ? streaming : undefined,
    timeoutMs: isTime ? timeout : undefined,
    ...(timeout !== undefined &&
      !isTime && { ignored: ignored('its timeout', textOf(timeout) ?? JSON.stringify(timeout), aTime) }),
    signature: textOf(tool['signature']),
    keyId: textOf(tool['keyid']),
    ...(faults.length > 0 && { fault: `its ${faults.join(' and ')} is no object` }),
  };
};

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const objectOf = (value: unknown): Fields | undefined => (isObject(value) ? value : undefined);

/** An object of texts; other values are left out. */
const textsOf = (value: unknown): Readonly<Record<string, string>> | undefined =>
  isObject(value)
    ? Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      )
    : undefined;
