import { GatewayError } from '../../../protocol/errors.js';

/** The server's process ended while a call was under way: what became of the call is unknown. */
export class ProcessEnded extends GatewayError {
  /** False for a process that could not even be started. */
  readonly started: boolean;

  constructor(reason: Readonly<Record<string, unknown>>) {
    super('ERR_UPSTREAM_FAILED', 'The backend ended before it had answered', { cause: reason });
    this.started = !('err' in reason);
  }
}
