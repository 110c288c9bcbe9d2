import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Subject, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { inputRequired } from '../../src/protocol/input.js';
import { askInTurn } from '../../src/streams/askInTurn.js';
import { Parking } from '../../src/streams/parking.js';
import { isFinal, result, type AskReply, type Reply } from '../../src/streams/reply.js';

type Step =
  | 'ask'
  | 'progress'
  | 'final'
  | 'fails'
  | 'time passes'
  | 'retry with all'
  | 'retry with nothing'
  | 'the same again';

const steps = fc.array(
  fc.constantFrom<Step>(
    'ask',
    'ask',
    'progress',
    'final',
    'fails',
    'time passes',
    'retry with all',
    'retry with nothing',
    'the same again',
  ),
  { maxLength: 30 },
);

/** Watches one request of a client: it must get one answer or one error, and nothing after it. */
const request = (replies$: Observable<Reply>) => {
  const seen = { ends: 0, last: undefined as Reply | undefined, completed: false };
  replies$.subscribe({
    next: (reply) => {
      assert.equal(seen.ends, 0, 'something came after the answer');
      seen.last = reply;
      if (isFinal(reply)) seen.ends++;
    },
    error: () => {
      assert.equal(seen.ends, 0, 'an error came after the answer');
      seen.ends++;
      seen.completed = true;
    },
    complete: () => (seen.completed = true),
  });
  return seen;
};

describe('one answer a request, whatever happens', () => {
  it('where calls are parked', () =>
    fc.assert(
      fc.property(steps, (script) => {
        const clock = new TestScheduler(assert.deepEqual);
        clock.maxFrames = 0;
        const passTime = (ms: number): void => {
          clock.maxFrames += ms;
          clock.flush();
        };
        const parking = new Parking({ ttlMs: 10_000, max: 4, scheduler: clock });
        const server = new Subject<Reply>();
        const answered = new Map<number, number>();
        let asked = 0;
        const ask = (): AskReply => {
          const index = ++asked;
          return {
            kind: 'ask',
            method: 'roots/list',
            params: {},
            answer: () => void answered.set(index, (answered.get(index) ?? 0) + 1),
          };
        };
        const requests = [request(parking.watch(server, (id) => id))];
        const wanted = () => {
          const last = requests.at(-1)?.last;
          return last?.kind === 'result' ? inputRequired(last.result) : undefined;
        };
        let used = '';
        const retry = (full: boolean): void => {
          const round = wanted();
          if (round === undefined) return;
          used = round.requestState ?? '';
          const keys = full ? Object.keys(round.inputRequests) : [];
          requests.push(request(parking.resume(used, Object.fromEntries(keys.map((key) => [key, {}])))));
        };
        const actions: Readonly<Record<Step, () => void>> = {
          ask: () => server.next(ask()),
          progress: () => server.next({ kind: 'notification', method: 'n', params: {} }),
          final: () => {
            server.next(result({}));
            server.complete();
          },
          fails: () => server.error(new Error('gone')),
          'time passes': () => passTime(20),
          'retry with all': () => retry(true),
          'retry with nothing': () => retry(false),
          'the same again': () => {
            if (used !== '') request(parking.resume(used, {}));
          },
        };
        for (const step of script) actions[step]();
        // At the end the server answers whatever is left, and the client comes back as long as it is asked.
        passTime(20);
        server.next(result({}));
        server.complete();
        passTime(20);
        for (let count = 0; count < 3; count++) retry(true);
        for (const { ends, completed } of requests) assert.deepEqual([ends, completed], [1, true]);
        for (const times of answered.values()) assert.equal(times, 1);
        assert.equal(parking.size, 0);
      }),
      { numRuns: 500 },
    ));

  it('where clients are asked by requests', () =>
    fc.assert(
      fc.property(
        fc.array(fc.record({ asks: fc.integer({ min: 1, max: 4 }), refused: fc.boolean() }), {
          maxLength: 8,
        }),
        fc.boolean(),
        (rounds, backwards) => {
          const servers: Subject<Reply>[] = [];
          const send = (): Observable<Reply> => {
            const server = new Subject<Reply>();
            servers.push(server);
            return server;
          };
          const open: AskReply[] = [];
          const replies$ = askInTurn(send, send(), { roots: {} });
          const kept = new Subject<Reply>();
          const seen = request(kept);
          replies$.subscribe({
            next: (reply) => {
              if (reply.kind === 'ask') open.push(reply);
              kept.next(reply);
            },
            error: (error: unknown) => kept.error(error),
            complete: () => kept.complete(),
          });
          for (const { asks, refused } of rounds) {
            const server = servers.at(-1);
            server?.next({ kind: 'notification', method: 'n', params: {} });
            const keys = [...Array(asks).keys()].map((key) => [key, { method: 'roots/list' }] as const);
            server?.next(result({ resultType: 'input_required', inputRequests: Object.fromEntries(keys) }));
            server?.complete();
            const turn = open.splice(0);
            if (backwards) turn.reverse();
            for (const [index, { answer }] of turn.entries()) {
              answer(refused && index === 0 ? { error: { code: -1, message: 'no' } } : { result: {} });
              answer({ result: {} });
            }
          }
          servers.at(-1)?.next(result({}));
          servers.at(-1)?.complete();
          assert.deepEqual([seen.ends, seen.completed], [1, true]);
          const firstRefusal = rounds.findIndex(({ refused }) => refused);
          assert.equal(servers.length, (firstRefusal < 0 ? rounds.length : firstRefusal) + 1);
        },
      ),
    ));
});
