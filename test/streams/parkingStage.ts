import assert from 'node:assert/strict';
import { Subject, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { fromUnknown } from '../../src/protocol/errors.js';
import { Parking, type ParkingOptions } from '../../src/streams/parking.js';
import { result, type Answer, type AskReply, type Reply } from '../../src/streams/reply.js';

export const r = result({ content: [] });
export const n = (progress: number): Reply => ({
  kind: 'notification',
  method: 'notifications/progress',
  params: { progress },
});

/** What a client sees of one round. */
export interface Round {
  readonly replies: Reply[];
  code: string | undefined;
  completed: boolean;
  leave(): void;
}

export const round = (replies$: Observable<Reply>): Round => {
  const seen: Round = { replies: [], code: undefined, completed: false, leave: () => undefined };
  const subscription = replies$.subscribe({
    next: (reply) => seen.replies.push(reply),
    error: (error: unknown) => (seen.code = fromUnknown(error).code),
    complete: () => (seen.completed = true),
  });
  seen.leave = () => subscription.unsubscribe();
  return seen;
};

/** What the client was asked, and the id under which its call is parked. */
export const askedIn = ({ replies }: Round): { keys: readonly string[]; id: string; requests: unknown } => {
  const last = replies.at(-1);
  assert.ok(last?.kind === 'result' && last.result['resultType'] === 'input_required', JSON.stringify(last));
  const requests = last.result['inputRequests'] as Record<string, unknown>;
  return { keys: Object.keys(requests), id: String(last.result['requestState']), requests };
};

export interface Stage {
  readonly parking: Parking;
  readonly server: Subject<Reply>;
  readonly answers: [string, Answer][];
  ask(name: string, params?: AskReply['params']): void;
  call(): Round;
  resume(id: string, inputResponses?: unknown): Round;
  /** Lets virtual time pass until that many milliseconds after the start. */
  passTo(ms: number): void;
}

export const staged = (test: (stage: Stage) => void, options: Partial<ParkingOptions> = {}): void => {
  const clock = new TestScheduler(assert.deepEqual);
  const parking = new Parking({ ttlMs: 1000, max: 8, scheduler: clock, ...options });
  const server = new Subject<Reply>();
  const answers: [string, Answer][] = [];
  test({
    parking,
    server,
    answers,
    ask: (name, params = { message: name }) =>
      server.next({
        kind: 'ask',
        method: 'elicitation/create',
        params,
        answer: (answer) => void answers.push([name, answer]),
      }),
    call: () => round(parking.watch(server, (id) => id)),
    resume: (id, inputResponses) => round(parking.resume(id, inputResponses)),
    passTo: (ms) => {
      clock.maxFrames = ms;
      clock.flush();
    },
  });
};
export const accept = { action: 'accept', content: { a: 1 } };
