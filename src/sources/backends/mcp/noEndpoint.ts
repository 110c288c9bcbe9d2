import { EraContradicted } from './eraContradicted.js';

/** What answers at this address is no HTTP+SSE server of 2024-11-05: it opens no stream, or names no endpoint on it (2.7). */
export class NoEndpoint extends EraContradicted {
  constructor(cause?: unknown) {
    super(true, cause);
    this.message = 'The backend does not speak HTTP+SSE of 2024-11-05';
  }
}
