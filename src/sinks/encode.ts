import { isRequest, type JsonRpcCall, type JsonRpcResponse } from '../protocol/jsonrpc.js';
import type { Implementation } from '../protocol/mcp.js';
import type { Revision } from '../protocol/revisions/revision.js';
import type { ErrorReply, ResultReply } from '../streams/reply.js';

/** An answer as the client's revision writes it, with the id the client gave. */
export const encode = (
  reply: ResultReply | ErrorReply,
  message: JsonRpcCall,
  revision: Revision,
  serverInfo: Implementation,
): JsonRpcResponse => {
  if (reply.kind === 'result')
    return {
      jsonrpc: '2.0',
      id: message.id as string | number,
      result: revision.result(message.method, reply.result, serverInfo),
    };
  const error = revision.error(message.method, reply.error);
  if (isRequest(message)) return { jsonrpc: '2.0', id: message.id, error };
  return revision.unreadableId === undefined
    ? { jsonrpc: '2.0', error }
    : { jsonrpc: '2.0', id: null, error };
};
