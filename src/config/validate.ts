import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { formats } from './formats.js';
import { pointerKeys } from './pointer.js';
import { schema, type RawConfig } from './schema.js';
import { serverTypes } from './schema/servers.js';
import type { Tree } from './tree.js';

/**
 * Checks a configuration against the schema.
 *
 * A value that was wholly a `${…}` is text; where the schema wants a number or a boolean and the text is one, it becomes one.
 *
 * @returns the configuration, to be trusted where no error speaks of it, and ajv's errors, those of the wrong kinds of server left out
 */
export const validate = (
  tree: Tree,
): { readonly config: RawConfig; readonly errors: readonly ErrorObject[] } => {
  const check = compiled();
  const { value } = tree;
  if (!check(value) && retype(value, tree.whole, check.errors ?? [])) check(value);
  const errors = (check.errors ?? []).filter((error) => concerns(error, value));
  return { config: value as RawConfig, errors };
};

/** Compiled on first use: it takes some 20 ms, which a program that embeds the gateway without a file need not spend. */
const compiled = (): ValidateFunction => {
  memo ??= new Ajv({
    allErrors: true,
    verbose: true, // Errors bring their schema along: its title says what the value should have been.
    allowUnionTypes: true,
    ownProperties: true, // A server may be called `constructor`.
    strictTypes: false,
    formats,
  }).compile(schema);
  return memo;
};
let memo: ValidateFunction | undefined;

const retype = (root: unknown, whole: ReadonlySet<string>, errors: readonly ErrorObject[]): boolean => {
  let changed = false;
  for (const { keyword, instancePath, params } of errors) {
    if (keyword !== 'type' || !whole.has(instancePath)) continue;
    const keys = pointerKeys(instancePath);
    const holder = keys.slice(0, -1).reduce<unknown>(childOf, root) as Record<string, unknown>;
    const last = keys.at(-1) ?? '';
    const typed = asTyped(holder[last], [params['type']].flat());
    if (typed === undefined) continue;
    holder[last] = typed;
    changed = true;
  }
  return changed;
};

const childOf = (holder: unknown, key: string): unknown =>
  typeof holder === 'object' && holder !== null && Object.hasOwn(holder, key)
    ? (holder as Record<string, unknown>)[key]
    : undefined;

const asTyped = (text: unknown, types: readonly unknown[]): number | boolean | undefined => {
  if (typeof text !== 'string') return undefined;
  const wantsNumber = types.includes('number') || types.includes('integer');
  if (wantsNumber && /^-?[0-9]{1,15}(\.[0-9]{1,6})?$/.test(text)) return Number(text);
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return undefined;
};

/** Servers are a union, and ajv reports what is wrong with each of its members: only the one that `type` names is of interest. */
const concerns = ({ instancePath, schemaPath, keyword }: ErrorObject, root: unknown): boolean => {
  const [section, name = '', ...rest] = pointerKeys(instancePath);
  if (section !== 'servers' || name === '') return true;
  const server = childOf(childOf(root, 'servers'), name);
  // `anyOf` itself says nothing that its members do not.
  if (keyword === 'anyOf' && rest.length === 0) return false;
  const isMap = typeof server === 'object' && server !== null && !Array.isArray(server);
  const type = isMap ? (childOf(server, 'type') ?? 'mcp') : 'mcp';
  const known = serverTypes.findIndex((candidate) => candidate === type);
  const member = /\/anyOf\/(\d)\//.exec(schemaPath)?.[1];
  if (member === undefined) return true;
  // An unknown type: only its own error, once.
  if (known === -1) return rest[0] === 'type' && keyword === 'const' && member === '0';
  return Number(member) === known;
};
