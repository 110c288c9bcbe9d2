import { concat, of } from 'rxjs';
import type { JsonRpcResponse } from '../protocol/jsonrpc.js';
import type { Handler } from '../operators/handle.js';
import { Asks } from '../streams/asks.js';
import type { Peers } from '../streams/peers.js';
import { accepted } from '../streams/reply.js';

/** A client's answer to what it was asked on a stream of its session, here or by the instance that the id names. */
export const clientResponse =
  (asks: Asks, peers?: Peers): Handler =>
  ({ message, origin, session }) => {
    // Its shape has been checked where it came in.
    const response = message.params?.['response'] as JsonRpcResponse;
    if (session === undefined || asks.answer(session.id, response)) return accepted;
    const instance = Asks.instanceOf(response.id);
    if (instance === undefined || peers === undefined) return accepted;
    return concat(peers.tell(instance, origin, response), of(accepted));
  };
