import { isObject } from '../../../../protocol/jsonrpc.js';
import { resolveRef, type OpenApiDocument } from './resolveRef.js';

/**
 * Whether a schema (before its conversion) allows objects only, as the root of a tool's output schema must.
 *
 * @throws LeftOut for references that can't be resolved
 */
export const isObjectSchema = (document: OpenApiDocument, schema: unknown): boolean =>
  allowsObjectsOnly(document, schema, 0);

const maxDepth = 16;

const allowsObjectsOnly = (document: OpenApiDocument, schema: unknown, depth: number): boolean => {
  // A circle of references ends here too.
  if (!isObject(schema) || depth > maxDepth || schema['nullable'] === true) return false;
  const { $ref, type, properties, allOf, anyOf, oneOf } = schema;
  const below = (part: unknown): boolean => allowsObjectsOnly(document, part, depth + 1);
  if ($ref !== undefined) return below(resolveRef(document, $ref));
  if (type !== undefined) return type === 'object' || (Array.isArray(type) && type.join() === 'object');
  if (Array.isArray(allOf) && allOf.some(below)) return true;
  for (const choices of [anyOf, oneOf])
    if (Array.isArray(choices) && choices.length > 0) return choices.every(below);
  return isObject(properties);
};
