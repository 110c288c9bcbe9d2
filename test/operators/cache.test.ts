import assert from 'node:assert/strict';
import { asyncScheduler, mergeMap, of, Subject, throwError, type Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import type { CacheSettings, ToolCacheRule } from '../../src/config/cacheSettings.js';
import { cache } from '../../src/operators/cache.js';
import { refusal } from '../../src/protocol/errors.js';
import type { Params, Result } from '../../src/protocol/jsonrpc.js';
import type { ToolDefinition } from '../../src/protocol/mcp.js';
import { memoryAnswers } from '../../src/stores/memoryAnswers.js';
import { answerTags } from '../../src/streams/answerTags.js';
import { cacheRules } from '../../src/streams/cacheRules.js';
import type { Principal, Target } from '../../src/streams/exchange.js';
import { knownPrincipal } from '../../src/streams/knownPrincipal.js';
import { result, type Reply, type ResultReply } from '../../src/streams/reply.js';
import { byCode } from '../../src/testing/byCode.js';
import type { CallOptions } from '../../src/testing/call.js';
import { collectReplies } from '../support/collectReplies.js';
import { marbles } from '../../src/testing/marbles.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { anonymous } from '../../src/operators/authenticate.js';
import { ann, enteredCall, targetOf, tool } from './scenarios.js';

const bob = knownPrincipal({ id: 'bob' });
const second = 1000;
const tools: ToolCacheRule = { ttlMs: 10, scope: 'private', tools: [], trusted: ['*'], hints: ['read_only'] };
const settingsOf = (parts: Partial<CacheSettings> = {}): CacheSettings => ({
  store: 'memory',
  maxBytes: 1e6,
  maxAnswerBytes: 1000,
  calls: { 'resources/read': { ttlMs: 10, scope: 'private' }, 'tools/call': tools },
  lists: {},
  ...parts,
});

interface Parts {
  readonly by?: Principal;
  readonly target?: Partial<Target>;
  readonly tool?: ToolDefinition;
  readonly call?: CallOptions;
}
const read = (uri = 'a:b', { by = ann, target = {}, call = {} }: Parts = {}) => ({
  ...enteredCall('resources/read', { params: { uri }, ...call }),
  principal: by,
  target: targetOf({ method: 'resources/read', tool: undefined, params: { uri }, ...target }),
});
type Call = ReturnType<typeof read>;
const reading = tool('get', { annotations: { readOnlyHint: true } });
const calling = (
  args: Params = {},
  { by = ann, target = {}, tool: called = reading, call = {} }: Parts = {},
): Call => {
  const params = { name: called.name, arguments: args };
  return {
    ...enteredCall('tools/call', { params, ...call }),
    principal: by,
    target: targetOf({ params, ...target }, called),
  };
};

/** A cache, its store, and what its part was asked: it answers with what `answers` gives, or counts its calls. */
const cached = (
  settings = settingsOf(),
  answer: (call: Call, count: number) => Observable<Reply> = (_call, count) =>
    of(result({ contents: [count] })),
  now = (): number => 0,
) => {
  const sent: Call[] = [];
  const answers = memoryAnswers(() => settings.maxBytes);
  const operator = cache<Call>(
    mergeMap((exchange) => {
      sent.push(exchange);
      return answer(exchange, sent.length);
    }),
    { rules: cacheRules(settings, '_'), answers, now },
  );
  const ask = (call: Call): readonly Reply[] => collectReplies(operator.answer(call));
  /** The number of the call whose answer it got. */
  const got = (call: Call): unknown => {
    const last = ask(call).at(-1) as ResultReply;
    return (last.result['contents'] as readonly unknown[] | undefined)?.[0];
  };
  return { operator, answers, sent, ask, got };
};

describe('operators/cache', () => {
  const values = { r: result({ contents: [] }) };
  const drawn = (run: RunHelpers, settings = settingsOf()) => {
    const parts = new Map<Call, Observable<Reply>>();
    const answers = memoryAnswers(() => 1e6);
    const operator = cache<Call>(
      mergeMap((exchange) => parts.get(exchange) as Observable<Reply>),
      { rules: cacheRules(settings, '_'), answers, now: () => asyncScheduler.now() },
    );
    const send = (at: string, call: Call, part: Observable<Reply>, subscription?: string) => {
      parts.set(call, part);
      return run.expectObservable(
        run.cold(at, { a: call }).pipe(
          operator,
          mergeMap((reply) => of({ kind: reply.kind })),
          byCode(),
        ),
        subscription,
      );
    };
    return { send, answers };
  };
  const replies = { r: { kind: 'result' }, n: { kind: 'notification' }, q: { kind: 'ask' } };
  const given = {
    ...values,
    n: { kind: 'notification', method: 'notifications/progress', params: {} } satisfies Reply,
    q: { kind: 'ask', method: 'roots/list', params: {}, answer: () => undefined } satisfies Reply,
    i: result({ isError: true, content: [] }),
  };

  it('answers from memory in the same frame, for as long as the answer is good', () =>
    marbles((run) => {
      const { send } = drawn(run);
      const parts = [run.cold('---(r|)', given), run.cold('(r|)', given), run.cold('--(r|)', given)];
      const [first, unused, third] = parts as [(typeof parts)[0], (typeof parts)[0], (typeof parts)[0]];
      send('  (a|)', read(), first).toBe('               ---(r|)', replies);
      send('  12ms (a|)', read(), unused).toBe('         12ms (r|)', replies);
      send('  13ms (a|)', read(), third).toBe('          15ms (r|)', replies);
      run.expectSubscriptions(unused.subscriptions).toBe([]);
    }));

  it('sends one of several like calls at once; progress is for the one that was sent', () =>
    marbles((run) => {
      const { send } = drawn(run);
      const [first, unused] = [run.cold('-n---(r|)', given), run.cold('(r|)', given)];
      send('a|', read(), first).toBe('       -n---(r|)', replies);
      send('--a|', read(), unused).toBe('    -----(r|)', replies);
      send('---a|', read(), unused).toBe('   -----(r|)', replies);
      run.expectSubscriptions(unused.subscriptions).toBe([]);
      run.expectSubscriptions(first.subscriptions).toBe('^----!');
    }));

  it('lets another go when the one that was sent is given up', () =>
    marbles((run) => {
      const { send } = drawn(run);
      const [first, next, unused] = [
        run.cold('------(r|)', given),
        run.cold('---(r|)', given),
        run.cold('r', given),
      ];
      send('a|', read(), first, '^---!').toBe('-');
      send('-a|', read(), next).toBe('-------(r|)', replies);
      send('--a|', read(), unused).toBe('-------(r|)', replies);
      run.expectSubscriptions(first.subscriptions).toBe('^---!');
      run.expectSubscriptions(unused.subscriptions).toBe([]);
    }));

  it('lets all go by themselves when the answer is not remembered: error, isError, a question', () => {
    for (const what of ['--#', '--(i|)', '--q--(r|)'])
      marbles((run) => {
        const { send } = drawn(run);
        const error = refusal('ERR_UPSTREAM_FAILED', 'no');
        const first = run.cold(what, given, error);
        const own = [run.cold('-(r|)', given), run.cold('---(r|)', given)] as const;
        const told = what.replace('i', 'r');
        send('a|', read(), first).toBe(told, replies, 'ERR_UPSTREAM_FAILED');
        send('-a|', read(), own[0]).toBe('---(r|)', replies);
        send('-a|', read(), own[1]).toBe('-----(r|)', replies);
      });
  });

  it('does not let who comes after a change wait for what was asked for before it', () =>
    marbles((run) => {
      const { send, answers } = drawn(run);
      const [first, second] = [run.cold('-----(r|)', given), run.cold('-----(r|)', given)];
      send('a|', read(), first).toBe('   -----(r|)', replies);
      run.cold('--x').subscribe(() => answers.forget(answerTags.changed('orders', 'a:b')));
      send('---a|', read(), second).toBe('--------(r|)', replies);
      run.expectSubscriptions(second.subscriptions).toBe('---^----!');
    }));

  const nothing: Readonly<Record<string, Reply>> = {
    'an error': { kind: 'error', error: { code: -32603, message: 'no' } },
    isError: result({ isError: true, contents: [1] }),
    'a failure of its instance': {
      ...result({ contents: [1] }),
      fault: refusal('ERR_UPSTREAM_FAILED', 'no'),
    },
    'a question': result({ resultType: 'input_required', inputRequests: {} }),
    'a task': result({ resultType: 'task', taskId: 'x', status: 'working' }),
    'what its server says is old at once': result({ contents: [1], ttlMs: 0 }),
    'a ttl below nothing': result({ contents: [1], ttlMs: -5 }),
    'a ttl that is no number': result({ contents: [1], ttlMs: '60000' }),
    'what is too large': result({ contents: ['x'.repeat(1000)] }),
  };
  for (const [what, reply] of Object.entries(nothing))
    it(`does not remember ${what}`, () => {
      const { ask, sent, answers } = cached(settingsOf(), () => of(reply));
      ask(read());
      const again = read();
      ask(again);
      assert.equal(sent.length, 2);
      assert.equal(again.notes.cached, 'miss');
      assert.equal(answers.held.answers, 0);
    });

  it('does not remember the round of a call that was asked something, nor answer it', () => {
    const { got } = cached();
    assert.equal(got(read()), 1);
    for (const more of [{ inputResponses: {} }, { requestState: 's' }])
      assert.notEqual(got(read('a:b', { target: { params: { uri: 'a:b', ...more } } })), 1);
    assert.equal(got(read()), 1);
  });

  it('does not remember what was waited for as a task', () => {
    const { got } = cached();
    assert.equal(got(calling({}, { target: { tasks: 'await' } })), 1);
    assert.equal(got(calling()), 2);
  });

  describe('whom an answer is for', () => {
    const say = (more: Result) => (_call: Call, count: number) => of(result({ contents: [count], ...more }));
    const publicRule = settingsOf({ calls: { 'resources/read': { ttlMs: 10, scope: 'public' } } });
    const personal = { oauth: { grant: 'token_exchange' } } as never;
    const elsewhere = { target: { server: serverOffering('orders', {}, { headers: { 'x-key': 'other' } }) } };
    const ownTokens = { target: { server: serverOffering('orders', {}, personal) } };
    const cases: [string, CacheSettings, Result, Parts, boolean, Parts?][] = [
      ['its caller, where nothing is said', settingsOf(), {}, { by: bob }, false],
      ['all, where its server says so', settingsOf(), { cacheScope: 'public' }, { by: bob }, true],
      ['all, where the rule says so', publicRule, {}, { by: bob }, true],
      [
        'its caller, where its server says so, whatever the rule',
        publicRule,
        { cacheScope: 'private' },
        { by: bob },
        false,
      ],
      [
        'its caller, where its server says what nobody knows',
        publicRule,
        { cacheScope: ['public'] },
        { by: bob },
        false,
      ],
      ['nobody in another tenant', publicRule, {}, { by: knownPrincipal({ id: 'ann', tenant: 'x' }) }, false],
      ['nobody in another namespace', publicRule, {}, { call: { namespace: 'x' } }, false],
      [
        'nobody with another scope',
        settingsOf(),
        {},
        { by: knownPrincipal({ id: 'ann', scopes: ['x'] }) },
        false,
      ],
      [
        'nobody of another client',
        settingsOf(),
        {},
        { by: knownPrincipal({ id: 'ann', clientId: 'x' }) },
        false,
      ],
      [
        'nobody of another issuer',
        settingsOf(),
        {},
        { by: knownPrincipal({ id: 'ann', claims: { iss: 'x' } }) },
        false,
      ],
      [
        'nobody for whom somebody else acts',
        settingsOf(),
        {},
        { by: knownPrincipal({ id: 'ann', claims: { act: { sub: 'x' } } }) },
        false,
      ],
      ['all who have not said who they are', settingsOf(), {}, { by: anonymous }, false],
      [
        'nobody else where each caller has a token of its own',
        publicRule,
        { cacheScope: 'public' },
        { ...ownTokens, by: bob },
        false,
        ownTokens,
      ],
      ['nobody of a server that is configured in another way', publicRule, {}, elsewhere, false],
    ];
    for (const [whom, settings, said, parts, isShared, before = {}] of cases)
      it(whom, () => {
        const { got } = cached(settings, say(said));
        assert.equal(got(read('a:b', before)), 1);
        assert.equal(got(read('a:b', parts)), isShared ? 1 : 2);
        assert.equal(got(read('a:b', before)), 1, 'the first still has its own');
      });

    it('one who has not said who it is has what another one had', () => {
      const { got } = cached();
      assert.equal(got(read('a:b', { by: anonymous })), 1);
      assert.equal(got(read('a:b', { by: anonymous })), 1);
    });

    it('with other headers of a policy it is another answer', () => {
      const { got } = cached(publicRule);
      const deciding = (headers: Readonly<Record<string, string>>): Call => ({
        ...read(),
        ...{ decision: { allow: true, policy: 'p', obligations: { headers } } },
      });
      assert.deepEqual(
        [got(deciding({ a: '1' })), got(deciding({ a: '2' })), got(deciding({ a: '1' }))],
        [1, 2, 1],
      );
    });

    it('who can be asked for more may get another answer', () => {
      const { got } = cached();
      const asking = { meta: 1 };
      const able: CallOptions = {
        params: {
          uri: 'a:b',
          _meta: { 'io.modelcontextprotocol/clientCapabilities': { sampling: {}, ...asking } },
        },
      };
      assert.deepEqual([got(read()), got(read('a:b', { call: able })), got(read())], [1, 2, 1]);
    });
  });

  describe('what makes calls alike', () => {
    it('what is sent, in whatever order; not what differs in each call', () => {
      const { got } = cached();
      const order: [Params, number][] = [
        [{ a: 1, b: { c: [1, 2], d: null } }, 1],
        [{ b: { d: null, c: [1, 2] }, a: 1 }, 1],
        [{ a: 1, b: { c: [2, 1], d: null } }, 2],
        [{ a: '1', b: { c: [1, 2], d: null } }, 3],
        [JSON.parse('{"a":1,"b":{"c":[1,2],"d":null},"__proto__":{"x":1}}') as Params, 4],
        [{ a: 1, b: { c: [1, 2], d: null } }, 1],
      ];
      for (const [args, expected] of order) assert.equal(got(calling(args)), expected, JSON.stringify(args));
    });

    it('keys of `_meta` that are not of the trace', () => {
      const { got } = cached();
      const meta = (_meta: Params): Call => read('a:b', { target: { params: { uri: 'a:b', _meta } } });
      assert.equal(got(read()), 1);
      assert.equal(got(meta({ traceparent: '00-1', tracestate: 'a=b', baggage: 'x=y' })), 1);
      assert.equal(got(meta({ traceparent: '00-1', 'com.example/lang': 'de' })), 2);
      assert.equal(got(meta({ 'com.example/lang': 'en' })), 3);
    });

    it('but for the time and trace that the gateway adds to arguments; those of a client count', () => {
      const { got } = cached();
      const added = (timestamp: string, client = 'c', own: Params = {}): Call => {
        const call = calling({ ...own, _context: { client_id: client, timestamp, trace_id: timestamp } });
        call.notes.resolved = targetOf({ params: { name: 'get', arguments: own } });
        return call;
      };
      assert.deepEqual([got(added('1')), got(added('2')), got(added('2', 'other'))], [1, 1, 2]);
      const clients = (timestamp: string): Call => added(timestamp, 'c', { _context: { timestamp } });
      assert.deepEqual([got(clients('1')), got(clients('2'))], [3, 4]);
    });

    it('only what the rule says they vary by, and always what is asked for', () => {
      const { got } = cached(settingsOf({ calls: { 'tools/call': { ...tools, vary: ['arguments.city'] } } }));
      assert.equal(got(calling({ city: 'Bern', seed: 1 })), 1);
      assert.equal(got(calling({ city: 'Bern', seed: 2 })), 1);
      assert.equal(got(calling({ city: 'Basel', seed: 1 })), 2);
      assert.equal(got(calling({ city: 'Bern' }, { tool: { ...reading, name: 'other' } })), 3);
    });
  });

  describe('which tools', () => {
    const other = settingsOf({ calls: { 'tools/call': { ...tools, trusted: [] } } });
    const named = (pattern: string) =>
      settingsOf({ calls: { 'tools/call': { ...tools, trusted: [], tools: [pattern] } } });
    const repeating = settingsOf({ calls: { 'tools/call': { ...tools, hints: ['idempotent'] } } });
    const plain = tool('get');
    const idempotent = tool('get', { annotations: { idempotentHint: true } });
    const cases: [string, CacheSettings, ToolDefinition, boolean][] = [
      ['one that says it only reads, of a server that is trusted', settingsOf(), reading, true],
      ['not of another', other, reading, false],
      ['not one that says nothing', settingsOf(), plain, false],
      ['not one that is idempotent, unless that is wanted', settingsOf(), idempotent, false],
      ['one that is idempotent, if that is wanted', repeating, idempotent, true],
      ['one that the configuration names', named('g*'), plain, true],
      ['by its exposed name too', named('orders_get'), plain, true],
      ['not one that it does not name', named('orders_put'), reading, false],
      [
        'not of servers that the rule is not for',
        settingsOf({ calls: { 'tools/call': { ...tools, servers: ['x'] } } }),
        reading,
        false,
      ],
    ];
    for (const [which, settings, called, isRemembered] of cases)
      it(which, () => {
        const { got } = cached(settings);
        const first = calling({}, { tool: called });
        assert.equal(got(first), 1);
        assert.equal(first.notes.cached, isRemembered ? 'miss' : undefined);
        assert.equal(got(calling({}, { tool: called })), isRemembered ? 1 : 2);
      });

    const putting = tool('put');
    it('a call that may write makes forgotten what tools of its server have answered, not resources, not others', () => {
      const { got, ask } = cached();
      const elsewhere = { target: { server: serverOffering('stock', {}) } };
      assert.deepEqual([got(calling()), got(read()), got(calling({}, elsewhere))], [1, 2, 3]);
      ask(calling({}, { tool: putting }));
      assert.deepEqual([got(calling()), got(read()), got(calling({}, elsewhere))], [5, 2, 3]);
    });

    it('one that only says it reads makes nothing forgotten', () => {
      const { got, ask } = cached(named('get'));
      assert.equal(got(calling()), 1);
      ask(calling({}, { tool: { ...reading, name: 'look' } }));
      assert.equal(got(calling()), 1);
    });

    it('what is set, set to something else and set again is set again', () => {
      const { got } = cached(repeating);
      const set = (value: number): unknown => got(calling({ value }, { tool: idempotent }));
      assert.deepEqual([set(1), set(1), set(2), set(2), set(1)], [1, 1, 2, 2, 3]);
    });
  });

  it('a changed resource is forgotten, and those that it is a part of', () => {
    const { got, answers } = cached();
    const uris = ['file:///a/b.txt', 'file:///a/', 'file:///a', 'file:///a/c.txt', 'file:///'];
    uris.forEach((uri, at) => assert.equal(got(read(uri)), at + 1));
    answers.forget(answerTags.changed('orders', 'file:///a/b.txt'));
    assert.deepEqual(
      uris.map((uri) => got(read(uri))),
      [6, 7, 8, 4, 9],
    );
    answers.forget(answerTags.changed('stock', 'file:///a/b.txt'));
    assert.equal(got(read('file:///a/b.txt')), 6, "another server's is another one");
    answers.forget(answerTags.all('orders'));
    assert.equal(got(read('file:///a/c.txt')), 10);
  });

  it('who wants it fresh (Cache-Control) is sent on', () => {
    const { got } = cached();
    assert.equal(got(read()), 1);
    assert.equal(
      got(read('a:b', { call: { params: { uri: 'a:b' }, headers: { 'cache-control': 'no-cache' } } })),
      2,
    );
    assert.equal(got(read()), 1);
  });

  describe('what is told', () => {
    let time = 0;
    beforeEach(() => (time = 0));
    const answered = (said: Result, settings: CacheSettings, calls: readonly Call[]): Result[] => {
      const { ask } = cached(
        settings,
        () => of(result({ contents: [], ...said })),
        () => time,
      );
      return calls.map((call) => {
        const { result: told } = ask(call).at(-1) as ResultReply;
        time += 4 * second;
        return told;
      });
    };
    const rule = settingsOf({ calls: { 'resources/read': { ttlMs: 10 * second, scope: 'private' } } });

    it('how long it is good: never longer than the rule or the server says, and less as it gets older', () => {
      assert.deepEqual(answered({}, rule, [read(), read()]), [
        { contents: [], ttlMs: 10_000, cacheScope: 'private' },
        {
          contents: [],
          ttlMs: 6000,
          cacheScope: 'private',
          _meta: { 'io.sluice/cache': { ageMs: 4000, ttlMs: 6000 } },
        },
      ]);
      time = 0;
      assert.deepEqual(
        answered({ ttlMs: 5000, _meta: { own: 1, 'io.sluice/cache': 'forged' } }, rule, [
          read(),
          read(),
          read(),
        ]).map(({ ttlMs, _meta }) => [ttlMs, _meta]),
        [
          [5000, { own: 1, 'io.sluice/cache': 'forged' }],
          [1000, { own: 1, 'io.sluice/cache': { ageMs: 4000, ttlMs: 1000 } }],
          [5000, { own: 1, 'io.sluice/cache': 'forged' }],
        ],
      );
    });

    it('public only to who has not said who it is', () => {
      const scopes = answered({ cacheScope: 'public' }, rule, [
        read(),
        read('a:b', { by: anonymous }),
        {
          ...read('a:b', { by: anonymous }),
          ...{ redaction: { arguments: undefined, results: undefined, holdMs: 0 } },
        },
      ]).map(({ cacheScope }) => cacheScope);
      assert.deepEqual(scopes, ['private', 'public', 'private']);
    });

    it('a rule that says less than the one before holds for what it remembered', () => {
      const store = memoryAnswers(() => 1e6);
      const asking = (ttlMs: number) =>
        cache<Call>(
          mergeMap(() => of(result({ contents: [ttlMs] }))),
          {
            rules: cacheRules(settingsOf({ calls: { 'resources/read': { ttlMs, scope: 'private' } } }), '_'),
            answers: store,
            now: () => time,
          },
        );
      const got = (ttlMs: number) =>
        (collectReplies(asking(ttlMs).answer(read())).at(-1) as ResultReply).result['contents'];
      assert.deepEqual(got(60_000), [60_000]);
      time = 5000;
      assert.deepEqual(got(6000), [60_000]);
      assert.deepEqual(got(4000), [4000]);
    });

    it('nothing of that to who calls a tool, but that it was remembered', () => {
      const { ask } = cached();
      const [first, again] = [calling(), calling()].map((call) => (ask(call).at(-1) as ResultReply).result);
      assert.deepEqual(first, { contents: [1] });
      assert.deepEqual(again, { contents: [1], _meta: { 'io.sluice/cache': { ageMs: 0, ttlMs: 10 } } });
    });
  });

  it('nobody can change what the next one is given', () => {
    const { ask } = cached(settingsOf(), () => of(result({ contents: [{ text: 'a' }] })));
    ask(read());
    const [first] = ask(read()) as ResultReply[];
    ((first?.result['contents'] as { text: string }[])[0] as { text: string }).text = 'forged';
    const [next] = ask(read()) as ResultReply[];
    assert.deepEqual(next?.result['contents'], [{ text: 'a' }]);
  });

  it('passes on what fails, and leaves its part when it is left', () => {
    const failing = cached(settingsOf(), () => throwError(() => refusal('ERR_UPSTREAM_FAILED', 'no')));
    assert.throws(() => failing.ask(read()), { code: 'ERR_UPSTREAM_FAILED' });
    const replies$ = new Subject<Reply>();
    const { operator } = cached(settingsOf(), () => replies$);
    const seen: Reply[] = [];
    const subscription = operator.answer(read()).subscribe((reply) => seen.push(reply));
    assert.equal(replies$.observed, true);
    subscription.unsubscribe();
    assert.equal(replies$.observed, false);
    replies$.next(result({}));
    assert.deepEqual(seen, []);
  });
});
