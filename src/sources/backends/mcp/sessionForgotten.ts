import { GatewayError } from '../../../protocol/errors.js';

/** The server does not know the session that a message was posted for, and has not taken it. */
export class SessionForgotten extends GatewayError {
  constructor(cause: unknown) {
    super('ERR_UPSTREAM_SESSION_LOST', 'The backend has forgotten the session of this call', {
      cause,
      notBegun: true,
    });
  }
}
