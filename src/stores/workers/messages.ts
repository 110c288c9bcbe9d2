/** What workers and the process that keeps their sessions tell each other. Plain data: it crosses processes. */
import type { GatewayErrorCode } from '../../protocol/errors.js';
import type { Home } from '../../streams/homes.js';
import type { Session } from '../../streams/sessions.js';

/** What a worker asks for. */
export type Question =
  | { readonly ask: 'enter'; readonly address: string }
  | { readonly ask: 'leave' }
  | { readonly ask: 'get'; readonly id: string }
  | { readonly ask: 'put'; readonly session: Session }
  | { readonly ask: 'delete'; readonly id: string }
  | { readonly ask: 'takeOver'; readonly id: string; readonly from: string };

/** A refusal, as it crosses processes. */
export interface Refused {
  readonly code: GatewayErrorCode;
  readonly message: string;
  readonly data?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The session asked about, as it is now; whether it was there; or why not. */
export interface Answered {
  readonly session?: Session | undefined;
  readonly found?: boolean;
  readonly refused?: Refused;
}

export type FromWorker = { readonly question: number; readonly body: Question };

export type ToWorker =
  | { readonly answer: number; readonly body: Answered }
  /** All instances that live, the worker's own too. */
  | { readonly instances: readonly Home[] }
  | { readonly ended: string }
  | { readonly lost: string };

/** The number of a question whose answer nobody waits for. */
export const untold = 0;
