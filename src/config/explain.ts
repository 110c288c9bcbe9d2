import type { ErrorObject } from 'ajv';
import type { Diagnostic } from './configError.js';
import { childPointer, dotted, pointerKeys } from './pointer.js';
import { kinds } from './schema/kinds.js';
import { mcpServer, restServer, serverTypes, stdioServer } from './schema/servers.js';
import { suggest } from './suggest.js';
import { diagnose, type Tree } from './tree.js';

interface SchemaPart {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, SchemaPart>>;
  readonly patternProperties?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/**
 * One of ajv's errors as a sentence with a place and a remedy. Values are never quoted: any of them may be a secret.
 */
export const explain = (error: ErrorObject, tree: Tree): Diagnostic => {
  const { keyword, instancePath, params } = error;
  const part = (error.parentSchema ?? {}) as SchemaPart;
  const name = instancePath === '' ? 'The configuration' : `\`${dotted(instancePath)}\``;
  const at = (message: string, remedy: string): Diagnostic => {
    const place = keyword === 'required' ? 'key' : 'value';
    return diagnose(tree, instancePath, place, `${name} ${message}`, remedy);
  };
  if (keyword === 'additionalProperties') return unknownKey(error, part, tree);
  if (keyword === 'required') {
    const missing = String(params['missingProperty']);
    return at(
      `needs \`${missing}\``,
      `Add it: ${lowerFirst(part.properties?.[missing]?.description ?? missing)}`,
    );
  }
  if (error.data === null) return at('is empty', `Give it a value (${shapeOf(part)}), or remove the key`);
  if (instancePath.endsWith('/type') && keyword === 'const')
    return oneOfWords(tree, instancePath, name, serverTypes);
  if (part.enum !== undefined) return oneOfWords(tree, instancePath, name, part.enum.map(String));
  const kind = kinds[part.title ?? ''];
  // The title of a map speaks of its keys.
  if (kind !== undefined && part.patternProperties === undefined)
    return at(`must be ${kind.is}`, kind.remedy);
  if (keyword === 'uniqueItems') return at('names something twice', 'Keep one of them');
  if (keyword === 'minItems') return at('must name at least one', 'Add one, or remove the key');
  if (keyword === 'minLength') return at('must not be empty', 'Give it a value, or remove the key');
  return at(`must be ${shapeOf(part)}`, remedies[String(part.type)] ?? `Write ${shapeOf(part)}`);
};

const shapes: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'a map of keys and values',
};

const remedies: Readonly<Record<string, string>> = {
  boolean: 'Write it without quotes',
  integer: 'Correct the number',
  object: 'Write `key: value`, one a line, indented',
  string: 'Put it in quotes, if it is meant as text',
  array: 'Write `[a, b]`, or one entry a line, each after `- `',
};

const shapeOf = ({ type, title, minimum, maximum }: SchemaPart): string => {
  const kind = kinds[title ?? ''];
  if (kind !== undefined && type !== 'object') return kind.is;
  if (title === 'integer or `auto`') return 'a whole number from 1 to 1024, or `auto`';
  if (type === 'integer')
    return `a whole number${minimum !== undefined && maximum !== undefined ? ` from ${minimum} to ${maximum}` : ' of at least 1'}`;
  return shapes[String(type)] ?? String(type);
};

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

const oneOfWords = (tree: Tree, pointer: string, name: string, words: readonly string[]): Diagnostic => {
  const value = valueAt(tree, pointer);
  const near = typeof value === 'string' && !tree.expanded.has(pointer) ? suggest(value, words) : undefined;
  const message = `${name} must be one of ${words.map((word) => `\`${word}\``).join(', ')}`;
  const remedy = near === undefined ? 'Write one of these' : `Did you mean \`${near}\`?`;
  return diagnose(tree, pointer, 'value', message, remedy);
};

const valueAt = (tree: Tree, pointer: string): unknown =>
  pointerKeys(pointer).reduce<unknown>(
    (holder, key) => (holder as Readonly<Record<string, unknown>>)[key],
    tree.value,
  );

const unknownKey = (error: ErrorObject, part: SchemaPart, tree: Tree): Diagnostic => {
  const key = String(error.params['additionalProperty']);
  const pointer = childPointer(error.instancePath, key);
  const at = (message: string, remedy: string): Diagnostic => diagnose(tree, pointer, 'key', message, remedy);
  const kind = kinds[part.title ?? ''];
  if (part.patternProperties !== undefined && kind !== undefined)
    return at(`\`${dotted(pointer)}\`: the key must be ${kind.is}`, kind.remedy);
  const known = Object.keys(part.properties ?? {});
  const here = serverKinds.find(([, keys]) => String(keys) === String(known))?.[0];
  const owners = serverKinds.filter(([, keys]) => keys.includes(key)).map(([type]) => type);
  if (here !== undefined && owners.length > 0)
    return at(
      `\`${dotted(pointer)}\` belongs to servers of type ${owners.join(' or ')}, and this one is of type ${here}`,
      `${owners.length === 1 ? `Write \`type: ${owners.join()}\`` : 'Correct `type`'}, or remove the key`,
    );
  const near = suggest(key, known);
  if (near !== undefined) return at(`\`${dotted(pointer)}\` is not a known key`, `Did you mean \`${near}\`?`);
  return at(
    `\`${dotted(pointer)}\` is not a known key`,
    known.length === 0 ? 'Remove it' : `Known here: ${known.join(', ')}`,
  );
};

const serverKinds: readonly (readonly [type: string, keys: readonly string[]])[] = [
  ['mcp', Object.keys(mcpServer.properties)],
  ['rest', Object.keys(restServer.properties)],
  ['stdio', Object.keys(stdioServer.properties)],
];
