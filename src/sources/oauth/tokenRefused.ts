import { GatewayError } from '../../protocol/errors.js';

/** The authorization server has said no, by one of the codes of OAuth. */
export class TokenRefused extends GatewayError {
  /** `error` of its answer; `unknown` where that is no code. */
  readonly reason: string;

  constructor(what: string, reason: string) {
    const shown = /^[a-z0-9_]{1,40}$/.test(reason) ? reason : 'unknown';
    super('ERR_UPSTREAM_UNAUTHORIZED', `${what} was refused (${shown})`);
    this.reason = shown;
  }
}
