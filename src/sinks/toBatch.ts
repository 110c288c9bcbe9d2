import type { ServerResponse } from 'node:http';
import { isRequest, type JsonRpcCall, type JsonRpcResponse } from '../protocol/jsonrpc.js';
import type { Implementation } from '../protocol/mcp.js';
import type { Revision } from '../protocol/revisions/revision.js';
import type { Departure, Outlet } from '../streams/exchange.js';
import { alwaysOpen } from '../streams/valve.js';
import { encode } from './encode.js';

export interface ToBatchOptions {
  readonly messages: readonly JsonRpcCall[];
  readonly revision: Revision;
  readonly serverInfo: Implementation;
}

/**
 * Sends the answers to a batch (2025-03-26) as one JSON array, in the order they come: one outlet for each of its messages.
 *
 * Notifications on the way (progress) are left out: an array has no place for them. What a backend asks is refused. A batch of notifications alone gets 202.
 */
export const toBatch = (response: ServerResponse, options: ToBatchOptions): readonly Outlet[] => {
  const { messages, revision, serverInfo } = options;
  const answers: JsonRpcResponse[] = [];
  const statuses = new Set<number>();
  const leavers: ((why: Departure) => void)[] = [];
  let waiting = messages.length;
  let gone = false;
  response.on('close', () => {
    if (waiting === 0) return;
    gone = true;
    for (const leave of leavers) leave('left');
  });
  const finish = (): void => {
    if (gone) return;
    // What is wrong with all of them alike (a session that has ended) is told by the status, as for a single message.
    const [common = 202] = statuses;
    const status = statuses.size === 1 ? common : 200;
    if (answers.length === 0) {
      response.writeHead(messages.some(isRequest) ? 204 : status).end();
      return;
    }
    const body = JSON.stringify(answers);
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  };
  return messages.map((message) => ({
    valve: alwaysOpen,
    onGone: (listener) => void leavers.push(listener),
    next(reply) {
      if (reply.kind === 'accepted') statuses.add(reply.status ?? 202);
      // An array has no place for a question either: a backend that waited for its answer would wait in vain.
      if (reply.kind === 'ask')
        reply.answer({ error: { code: -32603, message: 'The client can not be asked' } });
      if (reply.kind !== 'result' && reply.kind !== 'error') return;
      statuses.add((reply.kind === 'error' && reply.status) || 200);
      if (isRequest(message)) answers.push(encode(reply, message, revision, serverInfo));
    },
    error: () => response.destroy(),
    complete() {
      waiting--;
      if (waiting === 0) finish();
    },
  }));
};
