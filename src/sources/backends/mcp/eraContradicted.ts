import { GatewayError } from '../../../protocol/errors.js';

/** The server does not speak the era it was taken to speak: it has been replaced, or was misjudged. */
export class EraContradicted extends GatewayError {
  /** @param notBegun true when the server said, in the protocol's own terms, that it did not begin */
  constructor(notBegun: boolean, cause?: unknown) {
    super('ERR_UPSTREAM_FAILED', 'The backend speaks another revision of the protocol than expected', {
      cause,
      notBegun,
    });
  }
}
