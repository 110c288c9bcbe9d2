import { isObject } from '../../../protocol/jsonrpc.js';

/**
 * Under which property a tool gives a list: the only one of type `array` in its output schema, an object schema.
 *
 * `structuredContent` must be an object for clients of 2025 and before, and REST services like to answer with bare lists. A tool
 * whose output schema is `{ type: object, properties: { orders: { type: array } } }` thus gives `{ "orders": [...] }`.
 *
 * @returns undefined where the schema is none of an object, or has no or several lists
 */
export const listProperty = (outputSchema: unknown): string | undefined => {
  if (!isObject(outputSchema) || !isObject(outputSchema['properties'])) return undefined;
  const lists = Object.entries(outputSchema['properties']).filter(
    ([, property]) => isObject(property) && property['type'] === 'array',
  );
  return lists.length === 1 ? lists[0]?.[0] : undefined;
};
