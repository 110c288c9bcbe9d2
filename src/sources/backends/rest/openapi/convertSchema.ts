import { isObject } from '../../../../protocol/jsonrpc.js';
import { restLimits } from '../restLimits.js';
import { dereferenced } from './dereferenced.js';
import { LeftOut } from './leftOut.js';
import type { OpenApiDocument } from './resolveRef.js';
import { rewriteKeywords } from './rewriteKeywords.js';

export interface ConvertSchemaOptions {
  readonly document: OpenApiDocument;
  /** What is sent has no `readOnly` members, what comes back no `writeOnly` ones. */
  readonly direction: 'input' | 'output';
  /** The name under which what a `$ref` leads to will stand in `$defs`. */
  readonly nameOf: (ref: string) => string;
}

/** A schema converted, without what it refers to. */
export interface ConvertedSchema {
  readonly schema: unknown;
  /** Its size: objects, lists and values in it. */
  readonly nodes: number;
  /** Schemas within schemas, at the deepest place. */
  readonly levels: number;
  /** The references in it, as the document has them. */
  readonly refs: ReadonlySet<string>;
}

const single = new Set([
  ...['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames'],
  ...['unevaluatedItems', 'unevaluatedProperties', 'contentSchema', 'additionalItems'],
]);
const lists = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const maps = new Set(['properties', 'patternProperties', 'dependentSchemas']);

/**
 * An OpenAPI schema as JSON Schema 2020-12. References become `#/$defs/…` and stay references, so schemas may contain themselves.
 *
 * @throws LeftOut for a schema that is none, or beyond the limits
 */
export const convertSchema = (root: unknown, options: ConvertSchemaOptions): ConvertedSchema => {
  const { document, direction, nameOf } = options;
  const hidden = direction === 'input' ? 'readOnly' : 'writeOnly';
  const refs = new Set<string>();
  let nodes = 0;
  let levels = 0;

  const count = (depth: number): void => {
    if (++nodes > restLimits.schemaNodes) throw new LeftOut('its schema is too large');
    if (depth > restLimits.schemaDepth) throw new LeftOut('its schema is too deep');
  };

  const reference = (value: unknown): string => {
    const ref = String(value);
    refs.add(ref);
    return `#/$defs/${nameOf(ref)}`;
  };

  /** Values that are data (enum, default, examples): as they are, within the limits. */
  const copy = (value: unknown, depth: number): unknown => {
    count(depth);
    if (Array.isArray(value)) return value.map((item: unknown) => copy(item, depth + 1));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item, depth + 1)]));
  };

  /**
   * @param depth objects and lists around it in the JSON text
   * @param level schemas around it
   */
  const convert = (schema: unknown, depth: number, level: number): unknown => {
    count(depth);
    levels = Math.max(levels, level);
    if (typeof schema === 'boolean') return schema;
    if (!isObject(schema)) throw new LeftOut('it has a schema that is neither an object nor a boolean');
    const entries: [string, unknown][] = [];
    for (const [key, value] of Object.entries(schema)) {
      if (key === '$ref') entries.push([key, reference(value)]);
      else if (key === '$dynamicRef' || key === '$recursiveRef')
        throw new LeftOut(`its schema uses ${key}, which is not supported`);
      else if (single.has(key)) entries.push([key, convertOne(value, depth, level)]);
      else if (lists.has(key)) entries.push([key, convertList(value, depth, level)]);
      else if (maps.has(key)) entries.push([key, convertMap(key, value, depth, level)]);
      else if (key === 'required') entries.push([key, requiredOf(schema)]);
      else entries.push([key, copy(value, depth + 1)]);
    }
    return rewriteKeywords(Object.fromEntries(entries));
  };

  /** `items` was a list in drafts before 2020-12, and some documents have kept it. */
  const convertOne = (value: unknown, depth: number, level: number): unknown =>
    Array.isArray(value) ? convertList(value, depth, level) : convert(value, depth + 1, level + 1);

  const convertList = (value: unknown, depth: number, level: number): unknown[] => {
    if (!Array.isArray(value)) throw new LeftOut('it has a schema keyword without its list');
    return value.map((item: unknown) => convert(item, depth + 2, level + 1));
  };

  const convertMap = (key: string, value: unknown, depth: number, level: number): unknown => {
    if (!isObject(value)) throw new LeftOut(`it has a schema whose "${key}" is not an object`);
    const kept = Object.entries(value).filter(([, item]) => key !== 'properties' || !isHidden(item));
    return Object.fromEntries(kept.map(([name, item]) => [name, convert(item, depth + 2, level + 1)]));
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

  const schema = convert(root, 2, 1);
  return { schema, nodes, levels, refs };
};
