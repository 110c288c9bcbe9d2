import { isObject } from '../../../../protocol/jsonrpc.js';
import { restLimits } from '../restLimits.js';
import { LeftOut } from './leftOut.js';
import { rewriteKeywords } from './rewriteKeywords.js';
import { dereferenced } from './dereferenced.js';
import { resolveRef, type OpenApiDocument } from './resolveRef.js';

/** Converts the schemas of one tool; what they refer to is collected in `$defs`. */
export interface SchemaConverter {
  /** An OpenAPI schema as JSON Schema 2020-12. References become `#/$defs/…`. */
  convert(schema: unknown): unknown;
  /** Everything referred to so far and from there, to be put beside the root's keywords; undefined for nothing. */
  defs(): Readonly<Record<string, unknown>> | undefined;
}

export interface SchemaConverterOptions {
  readonly document: OpenApiDocument;
  /** What is sent has no `readOnly` members, what comes back no `writeOnly` ones. */
  readonly direction: 'input' | 'output';
  /** Nodes at most, of all schemas converted. */
  readonly maxNodes: number;
}

const single = new Set([
  ...['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames'],
  ...['unevaluatedItems', 'unevaluatedProperties', 'contentSchema', 'additionalItems'],
]);
const lists = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const maps = new Set(['properties', 'patternProperties', 'dependentSchemas']);

/**
 * Makes a converter. A reference is converted once and kept as a reference, so schemas may contain themselves.
 *
 * `convert` and `defs` throw {@link LeftOut} for references that are not followed and for schemas beyond the limits.
 */
export const schemaConverter = ({
  document,
  direction,
  maxNodes,
}: SchemaConverterOptions): SchemaConverter => {
  const hidden = direction === 'input' ? 'readOnly' : 'writeOnly';
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const waiting: string[] = [];
  let nodes = 0;

  const count = (depth: number): void => {
    if (++nodes > maxNodes) throw new LeftOut('its schema is too large');
    if (depth > restLimits.schemaDepth) throw new LeftOut('its schema is too deep');
  };

  const nameOf = (ref: string): string => {
    const known = names.get(ref);
    if (known !== undefined) return known;
    resolveRef(document, ref);
    const last = ref.split('/').at(-1) ?? '';
    const wanted = last.replace(/[^\w.-]/g, '_') || 'schema';
    let name = wanted;
    for (let count = 2; taken.has(name); count++) name = `${wanted}_${count}`;
    names.set(ref, name);
    taken.add(name);
    waiting.push(ref);
    return name;
  };

  /** Values that are data (enum, default, examples): as they are, within the limits. */
  const copy = (value: unknown, depth: number): unknown => {
    count(depth);
    if (Array.isArray(value)) return value.map((item: unknown) => copy(item, depth + 1));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item, depth + 1)]));
  };

  const convertAt = (schema: unknown, depth: number): unknown => {
    count(depth);
    if (typeof schema === 'boolean') return schema;
    if (!isObject(schema)) throw new LeftOut('it has a schema that is neither an object nor a boolean');
    const entries: [string, unknown][] = [];
    for (const [key, value] of Object.entries(schema)) {
      if (key === '$ref') entries.push([key, `#/$defs/${nameOf(String(value))}`]);
      else if (key === '$dynamicRef' || key === '$recursiveRef')
        throw new LeftOut(`its schema uses ${key}, which is not supported`);
      else if (single.has(key)) entries.push([key, convertItems(value, depth)]);
      else if (lists.has(key)) entries.push([key, convertList(value, depth)]);
      else if (maps.has(key)) entries.push([key, convertMap(key, value, depth)]);
      else if (key === 'required') entries.push([key, requiredOf(schema)]);
      else entries.push([key, copy(value, depth + 1)]);
    }
    return rewriteKeywords(Object.fromEntries(entries));
  };

  const convertItems = (value: unknown, depth: number): unknown =>
    Array.isArray(value) ? convertList(value, depth) : convertAt(value, depth + 1);

  const convertList = (value: unknown, depth: number): unknown[] => {
    if (!Array.isArray(value)) throw new LeftOut('it has a schema keyword without its list');
    return value.map((item: unknown) => convertAt(item, depth + 1));
  };

  const convertMap = (key: string, value: unknown, depth: number): unknown => {
    if (!isObject(value)) throw new LeftOut(`it has a schema whose "${key}" is not an object`);
    const kept = Object.entries(value).filter(([, item]) => key !== 'properties' || !isHidden(item));
    return Object.fromEntries(kept.map(([name, item]) => [name, convertAt(item, depth + 1)]));
  };

  const isHidden = (property: unknown): boolean =>
    isObject(property) &&
    (property[hidden] === true ||
      (property['$ref'] !== undefined && dereferenced(document, property)[hidden] === true));

  /** Names of members that are hidden here can't be required; a boolean `required` is a common mistake and means nothing. */
  const requiredOf = (schema: Readonly<Record<string, unknown>>): unknown => {
    const { required, properties } = schema;
    if (!Array.isArray(required)) return undefined;
    const members = isObject(properties) ? properties : {};
    return required.filter(
      (name: unknown) =>
        typeof name === 'string' && !(Object.hasOwn(members, name) && isHidden(members[name])),
    );
  };

  return {
    convert: (schema) => convertAt(schema, 0),
    defs() {
      if (names.size === 0) return undefined;
      const converted = new Map<string, unknown>();
      for (let ref = waiting.shift(); ref !== undefined; ref = waiting.shift())
        converted.set(nameOf(ref), convertAt(resolveRef(document, ref), 0));
      return Object.fromEntries(converted);
    },
  };
};
