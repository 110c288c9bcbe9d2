import { isObject } from './jsonrpc.js';

/** The keyword that {@link countedRefs} puts beside each reference. */
export const countedKeyword = 'x-sluice-counted';

const references = ['$ref', '$dynamicRef', '$recursiveRef'];
/** Keywords whose keys are names of somebody's choice and whose values are schemas. */
const maps = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
  'dependencies',
]);
/** Keywords whose values are data. */
const data = new Set(['const', 'enum', 'default', 'examples']);

/**
 * A copy of a JSON Schema in which a keyword of ours stands beside each reference, so that a validator can count how many it
 * follows: without references the work is bounded by the size of schema and value, with them forty lines can mean a year.
 */
export const countedRefs = (schema: unknown, keysAreNames = false): unknown => {
  if (Array.isArray(schema)) return schema.map((child) => countedRefs(child));
  if (!isObject(schema)) return schema;
  const copy: Record<string, unknown> = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      !keysAreNames && data.has(key) ? value : countedRefs(value, !keysAreNames && maps.has(key)),
    ]),
  );
  if (!keysAreNames && references.some((key) => typeof schema[key] === 'string')) copy[countedKeyword] = true;
  return copy;
};
