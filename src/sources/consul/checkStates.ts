import { isObject } from '../../protocol/jsonrpc.js';

/** Where the checks of nodes are, which are of no service. */
export const ofNodes = '';

/**
 * Reads an answer of `/v1/health/state/any`: by service a text that is another one when one of its checks has come, gone or changed its
 * state. What a check says besides is no part of it.
 */
export const checkStates = (answer: unknown): ReadonlyMap<string, string> => {
  const states = new Map<string, string>();
  for (const check of Array.isArray(answer) ? answer : []) {
    if (!isObject(check)) continue;
    const { ServiceName: service, ServiceID: id, Node: node, CheckID: name, Status: status } = check;
    const key = typeof service === 'string' ? service : ofNodes;
    states.set(key, `${states.get(key) ?? ''}${JSON.stringify([node, id, name, status])}`);
  }
  return states;
};
