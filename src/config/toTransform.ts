import type { RewriteRule } from '../protocol/transform/rewriteRule.js';
import type { RawRewrite, RawTransform } from './schema/transform.js';
import type { TransformSettings } from './transformSettings.js';

/** What is said of calls on their way, where anything is. */
export const toTransform = (raw: RawTransform | undefined): { readonly transform?: TransformSettings } => {
  if (raw === undefined || Object.keys(raw).length === 0) return {};
  const { context, arguments: sent, result, tool_errors: toolErrors } = raw;
  return {
    transform: {
      ...(context !== undefined && { context }),
      ...(sent !== undefined && { arguments: toRewrite(sent) }),
      ...(result !== undefined && { result: toRewrite(result) }),
      ...(toolErrors !== undefined && { toolErrors }),
    },
  };
};

const toRewrite = ({ jsonata, patch = [] }: RawRewrite): RewriteRule =>
  jsonata === undefined ? { patch } : { jsonata };
