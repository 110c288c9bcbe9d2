import type { RawTransform } from './schema/transform.js';
import type { TransformSettings } from './transformSettings.js';

/** What is said of calls on their way, where anything is. */
export const toTransform = (raw: RawTransform | undefined): { readonly transform?: TransformSettings } => {
  if (raw === undefined) return {};
  const { context, arguments: sent, result, tool_errors: toolErrors } = raw;
  return {
    transform: {
      ...(context !== undefined && { context }),
      ...(sent !== undefined && { arguments: sent }),
      ...(result !== undefined && { result }),
      ...(toolErrors !== undefined && { toolErrors }),
    },
  };
};
