import { isObject } from '../protocol/jsonrpc.js';
import type { Exchange, Resolved } from './exchange.js';
import type { Subject } from './policyInput.js';

const noArguments = Object.freeze({});

/** What a call is about, in the words of a policy's input. */
export const subjectOf = ({ message, target }: Exchange & Resolved): Subject => {
  const { params = {} } = message;
  if (target.tool !== undefined)
    return {
      tool: {
        name: String(params['name']),
        own: target.tool.name,
        annotations: target.tool.annotations ?? noArguments,
      },
      arguments: params['arguments'] ?? noArguments,
    };
  if (target.method === 'resources/read') return { resource: { uri: String(params['uri']) } };
  if (target.method === 'prompts/get')
    return {
      prompt: { name: String(params['name']), own: String(target.params['name']) },
      arguments: params['arguments'] ?? noArguments,
    };
  const [ref, own] = [params['ref'], target.params['ref']];
  const about = isObject(ref) ? ref : {};
  return {
    ...(about['type'] === 'ref/prompt'
      ? {
          prompt: {
            name: String(about['name']),
            own: String(isObject(own) ? own['name'] : about['name']),
          },
        }
      : { resource: { template: String(about['uri']) } }),
    ...(params['argument'] !== undefined && { arguments: params['argument'] }),
  };
};
