/** The person that authorization by code needs: somebody who looks at a URL and comes back. */
import type { Observable } from 'rxjs';

/** Ready for the answer, before the question is asked. */
export interface Waiting {
  /** Where the authorization server shall send the browser back to. */
  readonly redirectUri: string;
  /** Shows a URL to the person; emits the parameters that the browser brought back, once. */
  show(url: URL): Observable<URLSearchParams>;
}

/** Gets ready to ask about one server; unsubscribing gives up. Emits once and stays open. */
export type Consent = (server: string) => Observable<Waiting>;
