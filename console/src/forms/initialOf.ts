import { isRecord } from './isRecord.js';
import { kindOf } from './kindOf.js';
import { resolve } from './resolve.js';
import type { Schema } from './schema.js';

/** Deeper than this a schema refers to itself. */
const deepest = 6;

/** What a form begins with: defaults, and the objects that have to be there. */
export const initialOf = (schema: unknown, root: Schema, depth = 0): unknown => {
  const own = resolve(schema, root);
  if ('default' in own) return own['default'];
  if ('const' in own) return own['const'];
  if (kindOf(own) !== 'object' || depth > deepest) return undefined;
  const required = Array.isArray(own['required']) ? own['required'] : [];
  const properties = isRecord(own['properties']) ? own['properties'] : {};
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name, property]) => required.includes(name) || 'default' in resolve(property, root))
      .map(([name, property]) => [name, initialOf(property, root, depth + 1)])
      .filter(([, value]) => value !== undefined),
  );
};
