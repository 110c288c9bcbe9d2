import { isRecord } from './isRecord.js';
import type { Schema } from './schema.js';

/** How a value of a schema is put in. `json` is for all that no form can be made of. */
export type Kind = 'choice' | 'text' | 'number' | 'switch' | 'object' | 'list' | 'json';

/** Says how; `schema` has been resolved. */
export const kindOf = (schema: Schema): Kind => {
  if (['oneOf', 'anyOf', 'allOf', 'not', 'if'].some((key) => key in schema)) return 'json';
  if (Array.isArray(schema['enum']) || 'const' in schema) return 'choice';
  const types = [schema['type']].flat().filter((type) => type !== 'null');
  if (types.length > 1) return 'json';
  switch (types[0]) {
    case 'string':
      return 'text';
    case 'number':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'switch';
    case 'object':
      return isRecord(schema['properties']) ? 'object' : 'json';
    case 'array':
      return isRecord(schema['items']) ? 'list' : 'json';
    case undefined:
      return isRecord(schema['properties']) ? 'object' : 'json';
    default:
      return 'json';
  }
};
