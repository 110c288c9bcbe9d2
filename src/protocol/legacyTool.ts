import { isObject, type Params } from './jsonrpc.js';

/**
 * A tool as clients of the 2025 era can read it. What they can not read in one definition would cost them the whole list: an
 * `outputSchema` that is not an object's is left out (their structured content is an object anyway), and a property that is `true` or
 * `false` becomes the schema that says the same. Anything else stays as it is.
 */
export const legacyTool = (tool: Params): Params => {
  const known = converted.get(tool);
  if (known !== undefined) return known;
  const made = convert(tool);
  converted.set(tool, made);
  return made;
};

/** A definition is converted once, not once a list. */
const converted = new WeakMap<Params, Params>();

const convert = (tool: Params): Params => {
  const { inputSchema, outputSchema, ...rest } = tool;
  const input = withObjectProperties(inputSchema);
  const output = withObjectProperties(outputSchema);
  if (input === inputSchema && output === outputSchema) return tool;
  return { ...rest, inputSchema: input, ...(output === undefined ? undefined : { outputSchema: output }) };
};

/** The schema of an object whose properties are all schemas in the form of objects; undefined for any other schema. */
const withObjectProperties = (schema: unknown): Params | undefined => {
  if (!isObject(schema) || schema['type'] !== 'object') return undefined;
  const { properties } = schema;
  if (!isObject(properties) || !Object.values(properties).some((property) => typeof property === 'boolean'))
    return schema;
  const entries = Object.entries(properties).map(([name, property]): [string, unknown] => [
    name,
    typeof property === 'boolean' ? (property ? {} : { not: {} }) : property,
  ]);
  return { ...schema, properties: Object.fromEntries(entries) };
};
