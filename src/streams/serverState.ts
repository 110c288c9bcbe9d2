/** What is known of one server. */
import type { Observable } from 'rxjs';
import type { ServerSettings } from '../config/settings.js';
import type { Backend, Offer } from './backend.js';
import type { Standing } from './balancing/standing.js';

/** One place a server runs at. */
export interface Instance {
  /** Unique in its server; shown in logs, never to clients. */
  readonly id: string;
  readonly backend: Backend;
  /** How it stands among the others; undefined where there are none. */
  readonly standing?: Standing;
  /** It is tried only when the others fail. */
  readonly standby?: true;
  /** Finds out whether it is alive: completes when it answers, errors when it does not. Undefined where nobody wants to know. */
  readonly probe?: () => Observable<unknown>;
}

/** Why a server's last good offer is served instead of a fresh one. */
export interface Staleness {
  /** Epoch milliseconds of the first failure. */
  readonly since: number;
  readonly reason: string;
}

/** A server and what is known of it now. */
export interface ServerState {
  readonly settings: ServerSettings;
  readonly instances: readonly Instance[];
  /** What it offered last; undefined until it has answered once. */
  readonly offer: Offer | undefined;
  /** Set while it does not answer. */
  readonly stale: Staleness | undefined;
}
