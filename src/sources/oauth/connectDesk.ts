/** Where callers are sent who have to agree to something at a browser: what backends know of it. */
import type { Observable } from 'rxjs';
import type { connectRounds } from '../../protocol/connect/connectRound.js';
import type { Caller } from '../../streams/caller.js';
import type { ConnectAsked } from '../../streams/connectWaits.js';
import type { ConnectRequired } from './connectRequired.js';

/** A page that was made for one caller. */
export interface ConnectAsk extends ConnectAsked {
  readonly url: string;
}

export interface ConnectDesk {
  /** The page where a caller can agree. Errors: `ERR_UPSTREAM_UNAUTHORIZED` for one that could not show there who it is. */
  ask(required: ConnectRequired, caller: Caller): Observable<ConnectAsk>;
  /** The session that was sent there is told when it is done. */
  tell(asked: ConnectAsked): void;
  /** Emits once when a grant was given at another time than `before`. */
  until(key: string, before: number | undefined): Observable<unknown>;
  /** Writes and reads what a call of several rounds carries. */
  readonly rounds: () => ReturnType<typeof connectRounds>;
}
