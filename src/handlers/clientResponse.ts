import type { JsonRpcResponse } from '../protocol/jsonrpc.js';
import type { Handler } from '../operators/handle.js';
import type { Asks } from '../streams/asks.js';
import { accepted } from '../streams/reply.js';

/** A client's answer to what it was asked on a stream of its session. */
export const clientResponse =
  (asks: Asks): Handler =>
  ({ message, session }) => {
    // Its shape has been checked where it came in.
    const response = message.params?.['response'] as JsonRpcResponse;
    if (session !== undefined) asks.answer(session.id, response);
    return accepted;
  };
