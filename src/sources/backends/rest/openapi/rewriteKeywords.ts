type Schema = Readonly<Record<string, unknown>>;

/** OpenAPI's own keywords, and those that would change how `#/$defs/…` resolves once the schema stands elsewhere. */
const dropped = new Set([
  ...['nullable', 'example', 'discriminator', 'xml', 'externalDocs'],
  ...['$schema', '$id', '$anchor', '$dynamicAnchor', '$recursiveAnchor', '$comment', '$defs', 'definitions'],
  ...['exclusiveMinimum', 'exclusiveMaximum', 'pattern'],
]);

/**
 * The keywords of one schema object (its parts are converted already) as JSON Schema 2020-12 means them.
 *
 * What OpenAPI 3.0 says differently is rewritten: `nullable`, boolean `exclusiveMinimum` and `exclusiveMaximum`, `example`. The
 * same is done for 3.1, where such keywords have no meaning and are left over from 3.0. A `pattern` that is no regular expression
 * with Unicode semantics, which 2020-12 asks for, is left out: the backend checks it anyway.
 */
export const rewriteKeywords = (schema: Schema): Schema => {
  const entries = Object.entries(schema).filter(
    ([key, value]) => !dropped.has(key) && !key.startsWith('x-') && value !== undefined,
  );
  const rewritten: Record<string, unknown> = Object.fromEntries(entries);
  if (schema['example'] !== undefined && !Array.isArray(schema['examples']))
    rewritten['examples'] = [schema['example']];
  // 3.1 allows a map here only outside of schemas; 2020-12 wants a list.
  if (rewritten['examples'] !== undefined && !Array.isArray(rewritten['examples']))
    delete rewritten['examples'];
  limit(schema, rewritten, 'exclusiveMinimum', 'minimum');
  limit(schema, rewritten, 'exclusiveMaximum', 'maximum');
  if (typeof schema['pattern'] === 'string' && isPattern(schema['pattern']))
    rewritten['pattern'] = schema['pattern'];
  const named = rewritten['patternProperties'];
  if (typeof named === 'object' && named !== null)
    rewritten['patternProperties'] = Object.fromEntries(
      Object.entries(named).filter(([pattern]) => isPattern(pattern)),
    );
  return schema['nullable'] === true ? nullable(rewritten) : rewritten;
};

const limit = (from: Schema, to: Record<string, unknown>, exclusive: string, inclusive: string): void => {
  const value = from[exclusive];
  if (typeof value === 'number') to[exclusive] = value;
  if (value !== true || typeof from[inclusive] !== 'number') return;
  to[exclusive] = from[inclusive];
  delete to[inclusive];
};

const isPattern = (pattern: string): boolean => {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false; // not one
  }
};

const annotations = new Set([
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
]);

const nullable = (schema: Record<string, unknown>): Schema => {
  const { type, enum: allowed } = schema;
  if (schema['$ref'] !== undefined || schema['allOf'] !== undefined) return orNull(schema);
  for (const key of ['anyOf', 'oneOf']) {
    const choices = schema[key];
    if (Array.isArray(choices))
      return { ...schema, ...typeOrNull(type), [key]: [...(choices as unknown[]), { type: 'null' }] };
  }
  const values =
    Array.isArray(allowed) && !allowed.includes(null) ? { enum: [...(allowed as unknown[]), null] } : {};
  return { ...schema, ...typeOrNull(type), ...values };
};

const typeOrNull = (type: unknown): Schema => (typeof type === 'string' ? { type: [type, 'null'] } : {});

/** What is said about the value stays outside, what is asked of it becomes one of two choices. */
const orNull = (schema: Schema): Schema => {
  const outside = Object.entries(schema).filter(([key]) => annotations.has(key));
  const inside = Object.entries(schema).filter(([key]) => !annotations.has(key));
  return { ...Object.fromEntries(outside), anyOf: [Object.fromEntries(inside), { type: 'null' }] };
};
