/** What a request to a backend carries to be let in, and what is done when that is refused: the seam of httpLink. */
import type { Observable } from 'rxjs';
import type { Challenge } from './challenges.js';

/** Headers as a flat list of names and values. The same list is the same credential: it is compared by identity. */
export type CredentialHeaders = readonly string[];

/** A request that was not let in. The server has not begun: it may be sent again, whatever it is. */
export interface Refused {
  readonly status: 401 | 403;
  readonly challenges: readonly Challenge[];
  /** What it carried. */
  readonly sent: CredentialHeaders;
}

export interface Credentials {
  /**
   * What the next request carries: at once when it is at hand; a stream of one when it has to be fetched first. Errors:
   * `ERR_UPSTREAM_UNAUTHORIZED`.
   */
  headers(): CredentialHeaders | Observable<CredentialHeaders>;
  /**
   * What to send the request again with, once; undefined when nothing better can be had, and the refusal stands. Many requests
   * refused at the same time share one renewal. Errors: `ERR_UPSTREAM_UNAUTHORIZED`.
   */
  renew(refused: Refused): Observable<CredentialHeaders> | undefined;
  /** Stops what is under way, and fails whoever waits for it. */
  close(): void;
}
