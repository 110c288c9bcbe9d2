import { GatewayError } from '../../../protocol/errors.js';
import type { JsonRpcError } from '../../../protocol/jsonrpc.js';

/**
 * The server refused the gateway's own envelope or headers (-32020, -32022). That is between the two of them: it is repaired or
 * becomes `ERR_UPSTREAM_FAILED`, and is never relayed (5.3).
 */
export class HopRefused extends GatewayError {
  readonly error: JsonRpcError;

  constructor(error: JsonRpcError) {
    super('ERR_UPSTREAM_FAILED', 'The backend refused the way the gateway speaks the protocol', {
      cause: error,
    });
    this.error = error;
  }
}
