import { type GatewayError, refusal } from '../../../protocol/errors.js';
import type { JsonRpcError } from '../../../protocol/jsonrpc.js';
import { retryAfter } from '../../../protocol/retryAfter.js';

/** A backend's HTTP answer with a status that is no success. */
export class HttpRefusal extends Error {
  readonly status: number;
  /** The JSON-RPC error in its body, where there is one. */
  readonly error: JsonRpcError | undefined;
  /** Milliseconds after which it asks to be tried again. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, error?: JsonRpcError, after?: string) {
    super(`HTTP ${status}`);
    this.name = 'HttpRefusal';
    this.status = status;
    this.error = error;
    this.retryAfterMs = retryAfter(after, Date.now());
  }

  /** True for a status that speaks about the request itself, not about credentials, load or the machine. */
  get isAboutRequest(): boolean {
    return this.status === 400 || this.status === 404 || this.status === 405;
  }

  /** What the client is told. The backend's own words stay in the log: they may name what is behind the gateway. */
  toGatewayError(): GatewayError {
    const options = {
      cause: this,
      retryAfterMs: this.retryAfterMs,
      ...(this.retryAfterMs === undefined ? undefined : { data: { retryAfterMs: this.retryAfterMs } }),
    };
    const code = this.status === 429 ? 'ERR_UPSTREAM_BUSY' : 'ERR_UPSTREAM_FAILED';
    return refusal(code, this.explain(), options);
  }

  private explain(): string {
    if (this.status === 401 || this.status === 403)
      return `The backend refused the gateway's credential (HTTP ${this.status})`;
    if (this.status === 429) return 'The backend takes no more calls for now (HTTP 429)';
    if (this.status >= 300 && this.status < 400)
      return `The backend redirects elsewhere (HTTP ${this.status})`;
    return `The backend answered with HTTP status ${this.status}`;
  }
}
