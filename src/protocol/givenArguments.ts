import { isObject } from './jsonrpc.js';

/**
 * Leaves out of a tool's arguments what the protocol takes for not given: `null` for a parameter that travels in a header too
 * (`x-mcp-header`), for which no header is sent then (2026-07-28: transports, custom headers). One that is required stays.
 *
 * @param inputSchema the tool's
 * @returns gives the arguments to be checked; the same object where nothing is left out
 */
export const givenArguments = (
  inputSchema: Readonly<Record<string, unknown>>,
): ((args: unknown) => unknown) => {
  const { properties, required } = inputSchema;
  const optional = Object.entries(isObject(properties) ? properties : {})
    .filter(([, schema]) => isObject(schema) && 'x-mcp-header' in schema)
    .map(([name]) => name)
    .filter((name) => !Array.isArray(required) || !required.includes(name));
  if (optional.length === 0) return (args) => args;
  return (args) => {
    if (!isObject(args)) return args;
    const absent = optional.filter((name) => Object.hasOwn(args, name) && args[name] === null);
    return absent.length === 0
      ? args
      : Object.fromEntries(Object.entries(args).filter(([name]) => !absent.includes(name)));
  };
};
