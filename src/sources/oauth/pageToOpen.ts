import { GatewayError, type GatewayErrorCode, type GatewayErrorOptions } from '../../protocol/errors.js';
import type { JsonRpcError } from '../../protocol/jsonrpc.js';

/** A caller has to open a page, and its client can not be asked to: its URL is for the caller, and not for log and audit. */
export class PageToOpen extends GatewayError {
  readonly #url: string;

  constructor(code: GatewayErrorCode, message: string, url: string, options: GatewayErrorOptions = {}) {
    super(code, message, options);
    this.#url = url;
  }

  override toJsonRpc(): JsonRpcError {
    const { message, ...rest } = super.toJsonRpc();
    return { ...rest, message: `${message}: open ${this.#url} in a browser, then call again` };
  }
}
