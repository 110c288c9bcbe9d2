import { isObject } from '../protocol/jsonrpc.js';
import type { Reply } from './reply.js';

/**
 * The ids of the elicitations by URL that a server of 2025-11-25 asks for with a reply: by a request, or by the error -32042,
 * which ends the call. None for most replies.
 */
export const elicitationIds = (reply: Reply): readonly string[] => {
  if (reply.kind === 'ask')
    return reply.method === 'elicitation/create' && reply.params['mode'] === 'url'
      ? idsIn([reply.params])
      : none;
  if (reply.kind !== 'error' || reply.error.code !== -32042) return none;
  const { data } = reply.error;
  return isObject(data) && Array.isArray(data['elicitations']) ? idsIn(data['elicitations']) : none;
};

const none: readonly string[] = [];

const idsIn = (elicitations: readonly unknown[]): readonly string[] =>
  elicitations
    .filter(isObject)
    .map(({ elicitationId }) => elicitationId)
    .filter((id) => typeof id === 'string');
