import { GatewayError } from '../../protocol/errors.js';

/** An attempt that the gateway itself gave up so that the call may be sent to another instance. It may have been begun there. */
export class GivenUp extends GatewayError {
  /** @param ms how long it was silent, where that is why */
  constructor(message: string, ms?: number) {
    super('ERR_UPSTREAM_TIMEOUT', message, ms === undefined ? {} : { data: { limit: 'attempt', ms } });
  }
}
