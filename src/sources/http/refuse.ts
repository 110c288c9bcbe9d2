import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GatewayError } from '../../protocol/errors.js';
import { isObject, isRequestId, type RequestId } from '../../protocol/jsonrpc.js';
import type { Revision } from '../../protocol/revisions/revision.js';

/** How long a refused client may go on sending before its connection is cut, in milliseconds. */
const lingerMs = 1000;

export interface RefusedMessage {
  /** The id of the message, when it could be read. */
  readonly id?: RequestId | undefined;
  readonly revision?: Revision | undefined;
}

/** Answers what never became an exchange: a status, and a JSON-RPC error that names the reason. */
export const refuse = (
  request: IncomingMessage,
  response: ServerResponse,
  error: GatewayError,
  { id, revision }: RefusedMessage = {},
): void => {
  const body: Record<string, unknown> = { jsonrpc: '2.0' };
  if (id !== undefined) body['id'] = id;
  else if (revision?.unreadableId === null) body['id'] = null;
  body['error'] = error.toJsonRpc();
  const text = JSON.stringify(body);
  response.writeHead(revision?.status(error) ?? error.facts.http, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...error.headers,
  });
  response.end(text);
  if (request.complete) return;
  // The client is still sending. Closing at once would reset the connection and lose the answer on its way; reading on
  // without limit would let it send for ever.
  request.resume();
  const timer = setTimeout(() => request.destroy(), lingerMs);
  timer.unref();
  request.once('close', () => clearTimeout(timer));
};

/** The id of something that may be a JSON-RPC message. */
export const readableId = (value: unknown): RequestId | undefined =>
  isObject(value) && isRequestId(value['id']) ? value['id'] : undefined;
