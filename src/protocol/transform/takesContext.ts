import { isObject } from '../jsonrpc.js';
import type { ToolDefinition } from '../mcp.js';

/**
 * Whether `_context` is added to the arguments of a tool: a server that allows only arguments that it names would refuse the call.
 *
 * @param wanted `always` for a server that says so and takes it all the same
 */
export const takesContext = (tool: ToolDefinition | undefined, wanted: true | 'always'): boolean => {
  if (tool === undefined || wanted === 'always') return true;
  const { properties, additionalProperties = true, unevaluatedProperties = true } = tool.inputSchema;
  const isNamed = isObject(properties) && Object.hasOwn(properties, '_context');
  return isNamed || (additionalProperties === true && unevaluatedProperties === true);
};
