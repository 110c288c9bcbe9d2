/** What workers and the process that keeps what they share tell each other. Plain data: it crosses processes. */
import type { GatewayErrorCode } from '../../protocol/errors.js';
import type { EventPlace } from '../../protocol/eventId.js';
import type { RequestId } from '../../protocol/jsonrpc.js';
import type { Found, KeptAnswer } from '../../streams/answers.js';
import type { Limit, Taken } from '../../streams/counters.js';
import type { StoredEvent } from '../../streams/events.js';
import type { Home } from '../../streams/homes.js';
import type { Session } from '../../streams/sessions.js';
import type { TaskOrder, TaskRecord } from '../../streams/taskStore.js';

/** What has happened to the streams of a worker. */
export type EventChange =
  | {
      readonly kind: 'open';
      readonly sessionId: string;
      readonly streamId: string;
      readonly answers: RequestId | undefined;
    }
  | {
      readonly kind: 'append';
      readonly sessionId: string;
      readonly place: EventPlace;
      readonly data: string;
    }
  | { readonly kind: 'end'; readonly sessionId: string; readonly streamId: string }
  /** Nothing of the session is asked for any more. */
  | { readonly kind: 'endSession'; readonly sessionId: string };

/** What a worker asks for. */
export type Question =
  | { readonly ask: 'enter'; readonly address: string }
  | { readonly ask: 'leave' }
  | { readonly ask: 'get'; readonly id: string }
  | { readonly ask: 'put'; readonly session: Session }
  | { readonly ask: 'delete'; readonly id: string }
  | { readonly ask: 'takeOver'; readonly id: string; readonly from: string }
  | { readonly ask: 'keep'; readonly changes: readonly EventChange[] }
  | { readonly ask: 'missed'; readonly sessionId: string; readonly place: EventPlace }
  | { readonly ask: 'task'; readonly id: string }
  | { readonly ask: 'putTask'; readonly record: TaskRecord }
  | { readonly ask: 'tasks'; readonly listedFor: string }
  | { readonly ask: 'order'; readonly holder: string; readonly order: TaskOrder }
  | { readonly ask: 'take'; readonly key: string; readonly units: number; readonly limit: Limit }
  | { readonly ask: 'answer'; readonly keys: readonly string[]; readonly tags: readonly string[] }
  | {
      readonly ask: 'keepAnswer';
      readonly key: string;
      readonly tags: readonly string[];
      readonly answer: KeptAnswer;
      readonly found: Found;
    }
  | { readonly ask: 'forgetAnswers'; readonly tags: readonly string[] };

/** What was kept of a stream, and what comes of it: it has ended, its worker still sends it, or that is gone. */
export interface KeptThere {
  readonly events: readonly StoredEvent[];
  readonly answers: RequestId | undefined;
  readonly rest: 'ended' | 'coming' | 'lost';
}

export type MissedThere = KeptThere | 'unknown' | 'dropped';

/** A refusal, as it crosses processes. */
export interface Refused {
  readonly code: GatewayErrorCode;
  readonly message: string;
  readonly data?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What was asked for, as it is now, by the kind of question; or why not. */
export interface Answered {
  readonly session?: Session | undefined;
  /** Whether what was to be deleted was there. */
  readonly found?: boolean;
  readonly missed?: MissedThere;
  readonly task?: TaskRecord | undefined;
  readonly tasks?: readonly TaskRecord[];
  readonly taken?: Taken;
  readonly answer?: Found;
  readonly refused?: Refused;
}

export type FromWorker = { readonly question: number; readonly body: Question };

export type ToWorker =
  | { readonly answer: number; readonly body: Answered }
  /** All instances that live, the worker's own too. */
  | { readonly instances: readonly Home[] }
  /** Ids of sessions: many may end at once. */
  | { readonly ended: readonly string[] }
  | { readonly lost: string }
  /** The id of a task that another worker has put. */
  | { readonly taskChanged: string }
  | { readonly order: TaskOrder };

/** The number of a question whose answer nobody waits for. */
export const untold = 0;
