/** What is known of one server. */
import type { Observable } from 'rxjs';
import type { ServerSettings } from '../config/settings.js';
import type { Backend, Offer } from './backend.js';
import type { Reach } from './balancing/reach.js';
import type { Standing } from './balancing/standing.js';
import type { Latest } from './latest.js';

/** One place a server runs at. */
export interface Instance {
  /** Unique in its server; shown in logs, never to clients. */
  readonly id: string;
  readonly backend: Backend;
  /** How it stands among the others; undefined where there are none. */
  readonly standing?: Standing;
  /** Whether calls reach it; undefined where a circuit breaker tells. */
  readonly reach?: Reach;
  /** Finds out whether it is alive: completes when it answers, errors when it does not. Undefined where nobody wants to know. */
  readonly probe?: () => Observable<unknown>;
}

/**
 * The instances of one server, as they come and go. One that stays is the same object before and after, with its connections and all
 * that is known of it; and this object is the same for as long as the connections to the server are.
 */
export interface Instances extends Latest<readonly Instance[]> {
  /** The server's name. */
  readonly server: string;
  /** Why the list may be out of date; undefined while it is not. */
  readonly stale: Staleness | undefined;
}

/** Why the last good answer is used instead of a fresh one. */
export interface Staleness {
  /** Epoch milliseconds of the first failure. */
  readonly since: number;
  readonly reason: string;
}

/** A server and what is known of it now. */
export interface ServerState {
  readonly settings: ServerSettings;
  readonly instances: Instances;
  /** What it offered last; undefined until it has answered once. */
  readonly offer: Offer | undefined;
  /** Set while it does not answer. */
  readonly stale: Staleness | undefined;
}
