import type { Staleness } from '../serverState.js';

/** One place where a server runs. Two with the same `url` and `at` are the same place. */
export interface Place {
  /** What it is called there: requests, their `Host` and the name in the certificate go by it. `''` where only a document names it. */
  readonly url: string;
  /** Where connections go, if not to wherever the host of `url` leads. */
  readonly at?: { readonly host: string; readonly port: number };
  /** Its share of the calls in relation to the others'. */
  readonly weight: number;
  /** It is tried only when the others fail. */
  readonly standby: boolean;
}

/** Where a server runs, as far as is known. */
export interface Places {
  /** In the order in which they are preferred. */
  readonly places: readonly Place[];
  /** Set while they may be out of date. */
  readonly stale: Staleness | undefined;
}
