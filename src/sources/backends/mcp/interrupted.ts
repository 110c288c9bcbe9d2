import { GatewayError } from '../../../protocol/errors.js';

/** An answer's stream ended, or its connection broke, before the answer was complete. */
export class Interrupted extends GatewayError {
  constructor(cause?: unknown) {
    super('ERR_UPSTREAM_FAILED', 'The backend ended its answer before it was complete', { cause });
  }
}
