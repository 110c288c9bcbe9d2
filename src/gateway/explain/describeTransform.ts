import { childPointer } from '../../config/pointer.js';
import type { Settings } from '../../config/settings.js';
import { takesContext } from '../../protocol/transform/takesContext.js';
import type { Target } from '../../streams/exchange.js';
import { transforms } from '../../streams/transforms.js';
import type { Reason } from './reason.js';

/** What the rules under `transform` do with a call, in words that begin with `Rewrites` or `Adds` where they do anything. */
export const describeTransform = ({ transform: ofAll }: Settings, target: Target | undefined): Reason => {
  const rules = target && transforms(ofAll)(target);
  if (target === undefined || rules === undefined)
    return { detail: 'Nothing is rewritten', pointer: '/transform' };
  const { settings } = target.server;
  const { context } = rules;
  const isAdded = context !== false && takesContext(target.tool, context);
  const rewrites = [
    ...(rules.arguments.length > 0 ? ['the arguments'] : []),
    ...(rules.results.length > 0 ? ['the result'] : []),
  ];
  const words = [
    ...(rewrites.length > 0 ? [`Rewrites ${rewrites.join(' and ')}`] : []),
    ...(isAdded ? ['Adds `_context`'] : []),
    ...(context !== false && !isAdded ? ["No `_context`: the tool's schema has no room for it"] : []),
  ];
  const server = childPointer('/servers', settings.name);
  const name = target.tool?.name ?? '';
  const [tool, ofServer] = [target.rule?.transform, settings.transform];
  const place =
    tool !== undefined ? childPointer(`${server}/tools`, name) : ofServer !== undefined ? server : '';
  return {
    detail: words.length === 0 ? 'Nothing is rewritten' : words.join('; '),
    pointer: `${place}/transform`,
  };
};
