import assert from 'node:assert/strict';
import { of } from 'rxjs';
import { invoke } from '../../src/operators/invoke.js';
import type { BackendCall } from '../../src/streams/backend.js';
import { result, type Reply } from '../../src/streams/reply.js';
import type { CallOptions } from '../../src/testing/call.js';
import { fakeBackend } from '../../src/testing/fakeBackend.js';
import { marbles } from '../../src/testing/marbles.js';
import { instanceOf, placedCall, sessionOf, targetOf } from './scenarios.js';

const progress = (params: Readonly<Record<string, unknown>>): Reply => ({
  kind: 'notification',
  method: 'notifications/progress',
  params,
});
const values = {
  p: progress({ progress: 1 }),
  l: { kind: 'notification', method: 'notifications/message', params: { level: 'info', data: 1 } } as Reply,
  r: result({}),
};
const withToken = (progressToken: unknown): CallOptions => ({
  params: { name: 'x', _meta: { progressToken } },
});

describe('operators/invoke', () => {
  it("brings the instance's replies as they are", () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const replies = cold('   -p-l-(r|)', values);
      const instance = instanceOf('i', fakeBackend({ invoke: () => replies }));
      const calls = cold('  --a|', { a: placedCall(instance, {}, withToken('mine')) });
      const repliesSubs = ' --^----!';
      const expected = '    ---p-l-(r|)';
      expectObservable(calls.pipe(invoke())).toBe(expected, values);
      expectSubscriptions(replies.subscriptions).toBe(repliesSubs);
    }));

  it('answers in the same frame when the backend does', () =>
    marbles(({ cold, expectObservable }) => {
      const instance = instanceOf('i', fakeBackend({ invoke: () => of(values.r) }));
      const calls = cold('  --a|', { a: placedCall(instance) });
      const expected = '    --r|';
      expectObservable(calls.pipe(invoke())).toBe(expected, values);
    }));

  it('passes on an error, and cancels at the backend when unsubscribed', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const broken = instanceOf('i', fakeBackend({ invoke: () => cold('-p-#', values) }));
      expectObservable(cold('a|', { a: placedCall(broken) }).pipe(invoke())).toBe('-p-#', values);
      const slow = cold('       -----r', values);
      const instance = instanceOf('i', fakeBackend({ invoke: () => slow }));
      const slowSubs = '        ^--!';
      expectObservable(cold('a|', { a: placedCall(instance) }).pipe(invoke()), '^--!').toBe('----');
      expectSubscriptions(slow.subscriptions).toBe(slowSubs);
    }));

  const sent = (options: CallOptions = {}, session = sessionOf(), parts = {}): BackendCall => {
    const backend = fakeBackend();
    of(placedCall(instanceOf('i', backend), parts, options, session))
      .pipe(invoke())
      .subscribe();
    const [call] = backend.calls;
    assert.ok(call);
    return call;
  };

  it("sends the target in the server's own names, with the client's demand", () => {
    const target = targetOf({ repeatable: true, params: { name: 'get', arguments: { a: 1 } } });
    const a = placedCall(instanceOf('i'), target);
    const backend = fakeBackend();
    const placed = { ...a, instance: instanceOf('i', backend) };
    of(placed).pipe(invoke()).subscribe();
    assert.deepEqual(backend.calls, [
      {
        method: 'tools/call',
        params: { name: 'get', arguments: { a: 1 } },
        tool: target.tool,
        tasks: undefined,
        repeatable: true,
        progress: false,
        logLevel: undefined,
        capabilities: {},
        principalId: a.principal.id,
        caller: placed,
        valve: a.outlet.valve,
        connectMs: undefined,
        deadlineAt: undefined,
        headers: undefined,
        context: undefined,
      },
    ]);
  });

  const levels: [string, CallOptions, string | undefined][] = [
    ["of the session's, in the 2025 era", { version: '2025-11-25' }, 'warning'],
    [
      'the request says, in the 2026 era',
      { params: { _meta: { 'io.modelcontextprotocol/logLevel': 'debug' } } },
      'debug',
    ],
    ['none, when the request says nothing', {}, undefined],
  ];
  for (const [name, options, level] of levels)
    it(`asks for log messages of the level ${name}`, () =>
      assert.equal(sent(options, sessionOf({ logLevel: 'warning' })).logLevel, level));

  for (const [token, wanted] of [
    [0, true],
    ['', true],
    ['t', true],
    [1.5, false],
    [null, false],
    [{}, false],
  ] as const)
    it(`a token of ${JSON.stringify(token)} ${wanted ? 'asks' : 'does not ask'} for progress`, () =>
      assert.equal(sent(withToken(token)).progress, wanted));

  it('notes where it went and how often', () => {
    const a = placedCall(instanceOf('i7'));
    of(a, a).pipe(invoke()).subscribe();
    assert.deepEqual([a.notes.instance, a.notes.attempts], ['i7', 2]);
  });
});
