import { isRequest, type JsonRpcCall } from './jsonrpc.js';

/** The id in `notifications/elicitation/complete` (2025-11-25: client/elicitation, URL mode); undefined for any other message. */
export const completedElicitation = (message: JsonRpcCall): string | undefined => {
  if (message.method !== 'notifications/elicitation/complete' || isRequest(message)) return undefined;
  const id = message.params?.['elicitationId'];
  return typeof id === 'string' ? id : undefined;
};
