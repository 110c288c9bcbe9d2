import { refusal } from '../../../protocol/errors.js';
import {
  isCall,
  isObject,
  isRequest,
  isResponse,
  type JsonRpcCall,
  type JsonRpcResponse,
  type Params,
} from '../../../protocol/jsonrpc.js';
import { logLevels, metaKeys, metaOf, type LogLevel } from '../../../protocol/mcp.js';
import { listenMethod } from '../../../protocol/methods.js';
import { withoutHopKeys } from '../../../protocol/withoutHopKeys.js';
import { isToolResult } from '../../../protocol/toolResult.js';
import type { Reply } from '../../../streams/reply.js';
import { asked } from './asked.js';
import type { EraCodec } from './eraCodec.js';
import { LetGo } from './letGo.js';
import type { ServerListener, UpstreamRequest } from './upstreamEra.js';

/** One request and what belongs to it. */
export interface Conversation {
  readonly id: number;
  /**
   * Judges one message of this request's stream.
   *
   * @returns the reply in it; undefined for one that is not for the client.
   *   Throws `ERR_UPSTREAM_FAILED` for what does not belong here, and what the codec throws
   */
  accept(message: unknown): Reply | undefined;
}

export interface ConversationOptions {
  readonly codec: EraCodec;
  readonly listener: ServerListener;
  /** Sends the answer to a request of the server's. */
  readonly respond: (response: JsonRpcResponse) => void;
}

/** Starts the bookkeeping of one request: which messages are its own, which of them pass, and how they look then. */
export const conversation = (
  id: number,
  request: UpstreamRequest,
  { codec, listener, respond }: ConversationOptions,
): Conversation => {
  let progressed = -Infinity;
  const threshold = request.logLevel === undefined ? Infinity : rank(request.logLevel);

  const progress = (params: JsonRpcCall['params'] = {}): Reply | undefined => {
    const { progressToken, ...rest } = params;
    const done = rest['progress'];
    // It must rise (2.4); what does not is noise, and clients of the SDK complain about it.
    if (!request.progress || progressToken !== id || typeof done !== 'number' || !(done > progressed))
      return undefined;
    progressed = done;
    return { kind: 'notification', method: 'notifications/progress', params: withoutHopKeys(readable(rest)) };
  };

  const tell = ({ method, params = {} }: JsonRpcCall): Reply | undefined => {
    // What is said on a listen stream belongs to it by its id, and nothing else belongs there (3.7).
    if (request.method === listenMethod)
      return metaOf(params)[metaKeys.subscriptionId] === id
        ? { kind: 'notification', method, params }
        : undefined;
    if (method === 'notifications/progress') return progress(params);
    if (method === 'notifications/message')
      return rank(params['level']) >= threshold
        ? { kind: 'notification', method, params: withoutHopKeys(params) }
        : undefined;
    // Tells the client that asked for it that an elicitation by URL is done.
    if (method === 'notifications/elicitation/complete')
      return { kind: 'notification', method, params: withoutHopKeys(params) };
    if (method.endsWith('/list_changed')) listener.changed();
    if (method === 'notifications/resources/updated' && typeof params['uri'] === 'string')
      listener.updated(params['uri']);
    return undefined;
  };

  return {
    id,
    accept(message) {
      if (message instanceof LetGo) return { kind: 'poll', retryMs: message.retryMs };
      if (isResponse(message)) {
        if ('result' in message && message.id === id)
          return sound(request.method, codec.result(withoutHopKeys(message.result), request));
        // A server that could not read the id leaves it out, or sends null.
        if ('error' in message && (message.id === id || message.id === undefined || message.id === null))
          return codec.error(message.error);
        throw refusal('ERR_UPSTREAM_FAILED', 'The backend answered another request than it was asked');
      }
      if (!isCall(message))
        throw refusal('ERR_UPSTREAM_FAILED', 'The backend sent what is no message of the protocol');
      if (!isRequest(message)) return tell(message);
      return asked(message, codec.asksByRequest ? request.capabilities : {}, respond);
    },
  };
};

/** Methods that answer with a tool's result. */
const toolMethods = new Set(['tools/call', 'tasks/result']);

/** Progress without what clients could not read: they take the whole notification for an error. */
const readable = ({ total, message, _meta, ...rest }: Params): Params => ({
  ...rest,
  ...(typeof total === 'number' ? { total } : undefined),
  ...(typeof message === 'string' ? { message } : undefined),
  ...(isObject(_meta) ? { _meta } : undefined),
});

/** A tool's result that clients could not read is the server's failure, and must not pass for success. */
const sound = (method: string, reply: Reply): Reply => {
  if (!toolMethods.has(method) || reply.kind !== 'result') return reply;
  const { resultType } = reply.result;
  const isRound = resultType !== undefined && resultType !== 'complete';
  if (isRound || isToolResult(reply.result)) return reply;
  throw refusal('ERR_UPSTREAM_FAILED', 'The backend answered with what is no result of a tool');
};

/** Higher is graver; a level that does not exist is below all of them. */
const rank = (level: unknown): number => logLevels.indexOf(level as LogLevel);
