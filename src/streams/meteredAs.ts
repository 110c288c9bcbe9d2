import { isRequest, type JsonRpcCall } from '../protocol/jsonrpc.js';
import { internalMethods } from '../protocol/methods.js';

/** What a message counts as: a call of a tool, prompt or resource; another request; what needs no answer. */
export type Meter = 'calls' | 'requests' | 'notifications';

/** What a message counts as where rates are limited; undefined for the end of a session, which gives back. */
export const meteredAs = (message: JsonRpcCall): Meter | undefined => {
  switch (message.method) {
    case 'tools/call':
    case 'prompts/get':
    case 'resources/read':
      return 'calls';
    case internalMethods.stream:
    case internalMethods.resume:
      return 'requests';
    case internalMethods.end:
      return undefined;
    default:
      return isRequest(message) ? 'requests' : 'notifications';
  }
};
