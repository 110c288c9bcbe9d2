/** Where the sessions of the 2025 era are at home, when several instances of the gateway share them. */
import type { Observable } from 'rxjs';
import type { Prompt } from './sessions.js';

/** An instance of the gateway that others can reach. */
export interface Home {
  readonly instance: string;
  /** `http://host:port` or `unix:/path`. */
  readonly address: string;
  /** One that is leaving still finishes what it has begun, one that is gone can't be reached any more. */
  readonly state: 'alive' | 'leaving' | 'gone';
}

/**
 * The instances, and who of them holds which session.
 *
 * > All that is open of a session is in one place: what can't be shared need not be.
 */
export interface Homes {
  /** Id of this instance: letters, digits, `-` and `_`, random at each start, no secret. */
  readonly self: string;
  /** Makes this instance known, once it can be reached at that address. */
  enter(address: string): Prompt<void>;
  /**
   * Where a session is at home, if elsewhere, be that alive or not; undefined for here, and for a session nobody knows (the
   * session store says so then). In the same frame for sessions whose home is here. Errors when nobody can tell.
   */
  elsewhere(sessionId: string): Prompt<Home | undefined>;
  /**
   * Takes a session over from a home found gone or leaving: compare and set.
   *
   * @returns undefined when it is at home here now, or has ended; its home when somebody was quicker
   */
  takeOver(sessionId: string, from: Home): Prompt<Home | undefined>;
  /** An instance by its id; undefined when it is gone or never was, and for this one. */
  find(instance: string): Prompt<Home | undefined>;
  /** All other instances that are known here at the moment. */
  readonly others: readonly Home[];
  /** Sessions that were at home here until somebody else took them over. Hot. */
  readonly lost$: Observable<string>;
  /** Instances that have not been heard of for too long: what was sent to them and not answered never will be. Hot. */
  readonly gone$: Observable<Home>;
  /** Says that this instance is leaving: others take its sessions over when they are asked for them. */
  leave(): Prompt<void>;
  close(): void;
}
