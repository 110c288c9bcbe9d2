import assert from 'node:assert/strict';
import { of, Subject, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { relayInput } from '../../src/operators/relayInput.js';
import { stateSeal } from '../../src/protocol/sealedState.js';
import type { Authenticated, Exchange, InSession, Resolved, Resuming } from '../../src/streams/exchange.js';
import { Parking } from '../../src/streams/parking.js';
import { result, type Answer, type Reply } from '../../src/streams/reply.js';
import { service } from '../../src/streams/service.js';
import { round, type Round } from '../streams/parkingStage.js';
import { resolvedCall, sessionOf } from './scenarios.js';

type Call = Exchange & Authenticated & InSession & Resolved & Resuming;

const seal = stateSeal({ keys: [Buffer.alloc(32, 1)], ttlMs: 1000, now: () => 0 });
const form = { method: 'elicitation/create', params: { mode: 'form', message: 'who?', requestedSchema: {} } };
const wantsForm = (more = {}): Reply =>
  result({ resultType: 'input_required', inputRequests: { who: form }, ...more });

/** A client of the 2026 era with capabilities, on its way to a server: anew, or back for a parked call. */
const modern = (capabilities: object, parked?: string, inputResponses?: object): Call => ({
  ...resolvedCall(
    { params: { name: 'get', ...(inputResponses && { inputResponses }) } },
    { params: { _meta: { 'io.modelcontextprotocol/clientCapabilities': capabilities } } },
  ),
  parked,
});
/** A client of the 2025 era. */
const legacy = (capabilities: Readonly<Record<string, object>>): Call => ({
  ...resolvedCall({}, { version: '2025-11-25' }, sessionOf({ capabilities })),
  parked: undefined,
});

const staged = (test: (stage: Stage) => void): void => {
  const clock = new TestScheduler(assert.deepEqual);
  const parking = new Parking({ ttlMs: 1000, max: 8, scheduler: clock });
  const sent: Call[] = [];
  const server = new Subject<Reply>();
  let replies: Observable<Reply> = server;
  const operator = relayInput<Call>(
    service((exchange: Call) => {
      sent.push(exchange);
      return replies;
    }),
    { seal, parking },
  );
  test({
    parking,
    sent,
    server,
    answers: (...next) => (replies = of(...next)),
    send: (exchange) => round(of(exchange).pipe(operator)),
    pass: (ms) => {
      clock.maxFrames += ms;
      clock.flush();
    },
  });
};
interface Stage {
  readonly parking: Parking;
  readonly sent: readonly Call[];
  readonly server: Subject<Reply>;
  answers(...replies: Reply[]): void;
  send(exchange: Call): Round;
  pass(ms: number): void;
}

const only = ({ replies }: Round): Readonly<Record<string, unknown>> => {
  const [reply] = replies;
  assert.ok(replies.length === 1 && reply?.kind === 'result', JSON.stringify(replies));
  return reply.result;
};
const asking = (given: Answer[], method = 'elicitation/create'): Reply => ({
  kind: 'ask',
  method,
  params: form.params,
  answer: (answer) => void given.push(answer),
});

describe('operators/relayInput', () => {
  it('modern to modern: passes the round on, the state of the server sealed', () =>
    staged(({ send, answers }) => {
      answers(wantsForm({ requestState: 'theirs' }));
      const asked = only(send(modern({ elicitation: {} })));
      assert.deepEqual(asked['inputRequests'], { who: form });
      assert.notEqual(asked['requestState'], 'theirs');
      assert.equal(seal.open(String(asked['requestState'])).upstream, 'theirs');
    }));

  it('modern to modern: makes no state up where the server sent none', () =>
    staged(({ send, answers }) => {
      answers(wantsForm());
      assert.equal('requestState' in only(send(modern({ elicitation: {} }))), false);
    }));

  it('modern to modern: refuses what the client can not give', () =>
    staged(({ send, answers }) => {
      answers(wantsForm());
      assert.equal(send(modern({ sampling: {} })).code, 'ERR_CAPABILITY_REQUIRED');
    }));

  it('modern to legacy: parks the call and goes on with the retry', () =>
    staged(({ send, server, parking, pass, sent }) => {
      const given: Answer[] = [];
      const first = send(modern({ elicitation: {} }));
      server.next(asking(given));
      pass(20);
      const { requestState, inputRequests } = only(first);
      const { parked } = seal.open(String(requestState));
      const [key = ''] = Object.keys(inputRequests as object);
      const second = send(modern({ elicitation: {} }, parked, { [key]: { action: 'decline' } }));
      assert.deepEqual([given, parking.size, sent.length], [[{ result: { action: 'decline' } }], 0, 1]);
      server.next(result({ content: [] }));
      assert.deepEqual(only(second), { content: [] });
    }));

  it('modern to legacy: a retry that can be asked for less ends the call, and leaves nothing parked', () =>
    staged(({ send, server, parking, pass }) => {
      const given: Answer[] = [];
      const first = send(modern({ elicitation: {}, sampling: {} }));
      server.next(asking(given));
      pass(20);
      const { parked } = seal.open(String(only(first)['requestState']));
      const second = send(modern({}, parked));
      pass(20);
      assert.equal(second.code, 'ERR_CAPABILITY_REQUIRED');
      assert.deepEqual([parking.size, server.observed, given], [0, false, []]);
    }));

  it('modern to legacy: parks nothing for what the client can not be asked', () =>
    staged(({ send, server, parking, pass }) => {
      const first = send(modern({ elicitation: {} }));
      server.next(asking([], 'sampling/createMessage'));
      pass(20);
      assert.deepEqual([first.code, parking.size, server.observed], ['ERR_CAPABILITY_REQUIRED', 0, false]);
    }));

  it('modern to legacy: -32042 becomes elicitations by URL, without ids of the 2025 era', () =>
    staged(({ send, answers }) => {
      const elicitation = { mode: 'url', elicitationId: 'e1', url: 'https://pay.example/1', message: 'pay' };
      answers({
        kind: 'error',
        error: { code: -32042, message: 'needed', data: { elicitations: [elicitation] } },
      });
      const { elicitationId: _id, ...params } = elicitation;
      assert.deepEqual(only(send(modern({ elicitation: { url: {} } }))), {
        resultType: 'input_required',
        inputRequests: { 'url-1': { method: 'elicitation/create', params } },
      });
    }));

  it('legacy to legacy: passes requests and -32042 as they are', () =>
    staged(({ send, server }) => {
      const call = send(legacy({ elicitation: {} }));
      const ask = asking([]);
      const error: Reply = { kind: 'error', error: { code: -32042, message: 'needed' } };
      server.next(ask);
      server.next(error);
      assert.deepEqual(call.replies, [ask, error]);
    }));

  it('legacy to modern: asks, and sends the call again with the answers and the state', () =>
    staged(({ send, answers, sent }) => {
      answers(wantsForm({ requestState: 'theirs' }));
      const call = send(legacy({ elicitation: {} }));
      const [ask] = call.replies;
      assert.ok(ask?.kind === 'ask');
      assert.equal(ask.method, 'elicitation/create');
      answers(result({ content: [] }));
      ask.answer({ result: { action: 'accept', content: {} } });
      assert.deepEqual(sent[1]?.target.params, {
        name: 'get',
        inputResponses: { who: { action: 'accept', content: {} } },
        requestState: 'theirs',
      });
      assert.deepEqual(call.replies.at(-1), result({ content: [] }));
    }));
});
