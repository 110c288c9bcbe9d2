/** Sessions of the 2025 era as the operators see them, over a store. */
import { randomBytes } from 'node:crypto';
import type { Observable } from 'rxjs';
import type { Capabilities, LogLevel } from '../protocol/mcp.js';

/** One client's session. Immutable: a change is a new value put under the same id. */
export interface Session {
  /** 256 random bits, visible ASCII. A secret: never logged. */
  readonly id: string;
  /** Who opened it; nobody else may use it. */
  readonly principalId: string;
  readonly namespace: string | undefined;
  /** The revision negotiated. */
  readonly version: string;
  /** Whether that revision knows batches. */
  readonly batches: boolean;
  readonly clientInfo: unknown;
  readonly capabilities: Capabilities;
  /** The instance that holds what is open of it (see homes.ts); `''` where there is only one. */
  readonly home: string;
  /** Set by `logging/setLevel`. */
  readonly logLevel: LogLevel;
  /** Resources that it is subscribed to, for whichever instance it goes to. */
  readonly watched?: readonly string[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** What became of a session, seen by all who share the store. */
export interface SessionEvent {
  readonly kind: 'opened' | 'ended';
  readonly id: string;
}

/** A value at hand, or one that has to be waited for: a memory store answers in the same frame. */
export type Prompt<T> = T | Observable<T>;

/** Where sessions live. Sliding expiry: each `get` that finds a session prolongs it. */
export interface SessionStore {
  /** The live session of that id, or undefined. */
  get(id: string): Prompt<Session | undefined>;
  /** Stores a new session or a new value of a live one. Errors with `ERR_SESSIONS_EXHAUSTED` when the store is full. */
  put(session: Session): Prompt<void>;
  /** Ends a session; true if it was live. */
  delete(id: string): Prompt<boolean>;
  /** Endings (expiry and deletion) and openings. Hot. */
  readonly changes$: Observable<SessionEvent>;
  /** How many are live. */
  readonly size: number;
  close(): void;
}

/** A new session id: 256 bits from the operating system's generator, base64url (2025-11-25: transports, session management). */
export const sessionId = (): string => randomBytes(32).toString('base64url');
