import { GatewayError } from '../../protocol/errors.js';

/** An attempt that the gateway itself gave up so that the call may be sent to another instance. It may have been begun there. */
export class GivenUp extends GatewayError {
  constructor(message: string) {
    super('ERR_UPSTREAM_TIMEOUT', message);
  }
}
