import type { JsonRpcError, JsonRpcRequest, Params, Result } from '../../../protocol/jsonrpc.js';
import type { Reply } from '../../../streams/reply.js';
import type { Greeting, UpstreamRequest } from './upstreamEra.js';

/** The messages of one era, whatever carries them. */
export interface EraCodec {
  /** Whether a server of this era may send requests of its own in the middle of a call. */
  readonly asksByRequest: boolean;
  /** The request that learns who the server is. */
  readonly opening: { readonly method: string; readonly params: Params };
  /** Reads the answer to {@link opening}. Throws `ERR_UPSTREAM_FAILED` when no revision is shared. */
  greeting(result: Result): Greeting;
  /** A request as it goes out; its id is the progress token too. */
  encode(id: number, request: UpstreamRequest): JsonRpcRequest;
  /** The result of a request as the gateway's reply. Throws a `GatewayError` for one that can't be passed on. */
  result(result: Result, request: UpstreamRequest): Reply;
  /** An error as the gateway's reply. Throws `HopRefused` for one that concerns this hop only. */
  error(error: JsonRpcError): Reply;
}
