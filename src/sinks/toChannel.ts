import { isRequest, type JsonRpcCall, type RequestId } from '../protocol/jsonrpc.js';
import type { Implementation } from '../protocol/mcp.js';
import type { Revision } from '../protocol/revisions/revision.js';
import type { Channel } from '../streams/channel.js';
import type { Outlet } from '../streams/exchange.js';
import type { AskReply } from '../streams/reply.js';
import { encode } from './encode.js';
import type { Asking } from './toHttp.js';

export interface ToChannelOptions {
  readonly message: JsonRpcCall;
  readonly revision: Revision;
  readonly serverInfo: Implementation;
  /** Takes what the client is asked for, and gives the id to ask it by; undefined where a client can't be asked. */
  readonly asking?: Asking;
}

/**
 * Sends the replies to one exchange on a channel that is shared with other calls of the same client.
 *
 * The valve is the channel's: a client that does not read holds back everything it has asked for. What was asked of the client
 * and not answered when the call ends is taken back with `notifications/cancelled`.
 */
export const toChannel = (
  channel: Channel,
  { message, revision, serverInfo, asking }: ToChannelOptions,
): Outlet => {
  const asked = new Set<RequestId>();
  let sentBytes = 0;
  const send = (sent: unknown): void => void (sentBytes += channel.send(sent));
  const ask = ({ method, params, answer }: AskReply): void => {
    if (asking === undefined) {
      answer({ error: { code: -32603, message: 'The client can not be asked' } });
      return;
    }
    let id: RequestId | undefined = undefined;
    id = asking.open({
      kind: 'ask',
      method,
      params,
      answer: (given) => {
        if (id !== undefined) asked.delete(id);
        answer(given);
      },
    });
    if (id === undefined) return;
    asked.add(id);
    send({ jsonrpc: '2.0', id, method, params });
  };
  return {
    valve: channel.valve,
    get sentBytes() {
      return sentBytes;
    },
    // The source that shares the channel out knows who has left (see Tracked).
    onGone: () => undefined,
    next(reply) {
      if (reply.kind === 'notification') send({ jsonrpc: '2.0', method: reply.method, params: reply.params });
      else if (reply.kind === 'ask') ask(reply);
      else if ((reply.kind === 'result' || reply.kind === 'error') && isRequest(message))
        send(encode(reply, message, revision, serverInfo));
    },
    error: () => channel.close('going-away'),
    complete() {
      for (const id of asked) {
        asking?.drop(id);
        send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } });
      }
      asked.clear();
    },
  };
};
