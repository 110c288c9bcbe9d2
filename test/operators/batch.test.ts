import assert from 'node:assert/strict';
import { of, Subject, throwError, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { batch, type BatchOptions } from '../../src/operators/batch.js';
import { GatewayError } from '../../src/protocol/errors.js';
import type { Params } from '../../src/protocol/jsonrpc.js';
import type { Authenticated, Exchange, InSession, Resolved, Target } from '../../src/streams/exchange.js';
import { knownPrincipal } from '../../src/streams/knownPrincipal.js';
import { constant } from '../../src/streams/latest.js';
import { result, type Reply } from '../../src/streams/reply.js';
import { service } from '../../src/streams/service.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { round, type Round } from '../streams/parkingStage.js';
import { catalogOf, resolvedCall, targetOf, tool } from './scenarios.js';

type Call = Exchange & Authenticated & InSession & Resolved;

const one = tool('get_order', { annotations: { readOnlyHint: true } });
const many = tool('get_orders', {
  annotations: { readOnlyHint: true },
  inputSchema: { type: 'object', properties: { ids: { type: 'array', items: { type: 'number' } } } },
});
const orders = serverOffering('orders', { tools: [one, many] });
const alone = serverOffering('alone', { tools: [one] });

interface CallParts {
  readonly user?: string;
  readonly tenant?: string;
  readonly more?: Partial<Target>;
  readonly params?: Params;
}

const call = (id: unknown, { user = 'ann', tenant, more, params }: CallParts = {}): Call => ({
  ...resolvedCall({
    ...targetOf({}, one),
    server: orders,
    params: { name: 'get_order', arguments: { id }, ...params },
    ...more,
  }),
  principal: knownPrincipal({ id: user, tenant }),
});
const order = (id: unknown): Params => ({ content: [{ type: 'text', text: `order ${String(id)}` }] });

const byIds: Pick<BatchOptions, 'combine' | 'split'> = {
  combine: (calls) => ({ ids: calls.map(({ id }) => id) }),
  split: ({ structuredContent }, calls) =>
    calls.map(({ id }) => (structuredContent as Record<string, Params>)[String(id)]),
};

interface Stage {
  readonly sent: Call[];
  readonly server: Subject<Reply>;
  answers(replies$: Observable<Reply>): void;
  send(exchange: Call): Round;
  pass(ms: number): void;
}

const staged = (options: Partial<BatchOptions> = {}): Stage => {
  const clock = new TestScheduler(assert.deepEqual);
  clock.maxFrames = 0;
  const sent: Call[] = [];
  const server = new Subject<Reply>();
  let replies$: Observable<Reply> = server;
  const operator = batch<Call>(
    service((exchange: Call) => {
      sent.push(exchange);
      exchange.notes.instance = 'i1';
      exchange.notes.attempts++;
      return replies$;
    }),
    {
      ...byIds,
      catalog: constant(catalogOf(orders, alone)),
      tool: 'get_order',
      into: 'get_orders',
      scheduler: clock,
      ...options,
    },
  );
  return {
    sent,
    server,
    answers: (next$) => void (replies$ = next$),
    send: (exchange) => round(of(exchange).pipe(operator)),
    pass: (ms) => {
      clock.maxFrames += ms;
      clock.flush();
    },
  };
};

const askedFor = ({ sent }: Stage): unknown =>
  sent.map(({ target }) => [target.tool?.name, target.params['arguments']]);
const all = (ids: readonly unknown[]): Reply =>
  result({ structuredContent: Object.fromEntries(ids.map((id) => [String(id), order(id)])) });

describe('operators/batch', () => {
  it('makes one call of several, and gives each its own answer', () => {
    const stage = staged();
    const calls = [1, 2, 3].map((id) => call(id));
    const seen = calls.map(stage.send);
    assert.equal(stage.sent.length, 0);
    stage.pass(5);
    assert.deepEqual(askedFor(stage), [['get_orders', { ids: [1, 2, 3] }]]);
    assert.equal(stage.sent[0]?.target.params['name'], 'get_orders');
    stage.server.next(all([3, 1, 2]));
    assert.deepEqual(
      seen.map(({ replies, completed }) => [replies, completed]),
      [1, 2, 3].map((id) => [[result(order(id))], true]),
    );
    assert.deepEqual(
      calls.map(({ notes }) => [notes.instance, notes.attempts]),
      [
        ['i1', 1],
        ['i1', 1],
        ['i1', 1],
      ],
    );
    assert.equal(stage.server.observed, false);
  });

  it('makes a call that stays alone as it is', () => {
    const stage = staged();
    const only = call(1);
    const seen = stage.send(only);
    stage.pass(5);
    assert.equal(stage.sent[0], only);
    stage.server.next(result(order(1)));
    assert.deepEqual(seen.replies, [result(order(1))]);
    seen.leave();
    assert.equal(stage.server.observed, false);
  });

  it('waits for nobody when it is full, and begins another', () => {
    const stage = staged({ size: 2 });
    for (const id of [1, 2, 3]) stage.send(call(id));
    assert.deepEqual(askedFor(stage), [['get_orders', { ids: [1, 2] }]]);
    stage.pass(5);
    assert.deepEqual(askedFor(stage), [
      ['get_orders', { ids: [1, 2] }],
      ['get_order', { id: 3 }],
    ]);
  });

  it('begins anew after each window', () => {
    const stage = staged();
    stage.send(call(1));
    stage.pass(5);
    stage.send(call(2));
    stage.pass(5);
    assert.deepEqual(askedFor(stage), [
      ['get_order', { id: 1 }],
      ['get_order', { id: 2 }],
    ]);
  });

  for (const [name, exchange] of [
    ['another tool', call(1, { more: { tool: many } })],
    ['a server that has no tool for many', call(1, { more: { server: alone } })],
    ['a round of a call', call(1, { params: { requestState: 's' } })],
    ['what may become a task', call(1, { more: { tasks: 'take' } })],
  ] as const)
    it(`passes ${name}, in the frame it came`, () => {
      const stage = staged();
      stage.send(exchange);
      assert.deepEqual(stage.sent, [exchange]);
    });

  it('passes calls of other servers where one is named', () => {
    const stage = staged({ server: 'other' });
    stage.send(call(1));
    assert.equal(stage.sent.length, 1);
  });

  describe('mixes', () => {
    const headers = (name: string): Partial<Exchange> =>
      ({
        decision: { allow: true, policy: 'p', obligations: { headers: { 'x-for': name } } },
      }) as Partial<Exchange>;
    const exchanging = (id: number): Call => {
      const settings = { ...orders.settings, oauth: { grant: 'token_exchange' } } as never;
      const exchange = call(id, { more: { server: { ...orders, settings } } });
      return { ...exchange, origin: { ...exchange.origin, headers: { authorization: `Bearer ${id}` } } };
    };
    for (const [name, options, first, second, isOne] of [
      ['calls of one principal', {}, call(1), call(2), true],
      ['no calls of two', {}, call(1), call(2, { user: 'bob' }), false],
      [
        'no calls of two in one tenant',
        {},
        call(1, { tenant: 't' }),
        call(2, { user: 'bob', tenant: 't' }),
        false,
      ],
      [
        'calls of one tenant where that is wanted',
        { by: 'tenant' },
        call(1, { tenant: 't' }),
        call(2, { user: 'bob', tenant: 't' }),
        true,
      ],
      [
        'no calls of two tenants',
        { by: 'tenant' },
        call(1, { tenant: 't' }),
        call(2, { tenant: 'u' }),
        false,
      ],
      [
        'calls of everybody where that is wanted',
        { by: 'all' },
        call(1),
        call(2, { user: 'bob', tenant: 'u' }),
        true,
      ],
      [
        'no calls with credentials of two callers, whatever is wanted',
        { by: 'all' },
        exchanging(1),
        exchanging(2),
        false,
      ],
      [
        'no calls that a policy gives other headers',
        {},
        { ...call(1), ...headers('a') },
        { ...call(2), ...headers('b') },
        false,
      ],
    ] as const)
      it(name, () => {
        const stage = staged(options);
        stage.send(first);
        stage.send(second);
        stage.pass(5);
        assert.equal(stage.sent.length, isOne ? 1 : 2);
      });
  });

  describe('when somebody leaves', () => {
    it('before it is sent, sends it without', () => {
      const stage = staged();
      const [first] = [1, 2, 3].map((id) => stage.send(call(id)));
      first?.leave();
      stage.pass(5);
      assert.deepEqual(askedFor(stage), [['get_orders', { ids: [2, 3] }]]);
    });

    it('all of them before it is sent, sends nothing, and lets others begin anew', () => {
      const stage = staged();
      for (const seen of [stage.send(call(1)), stage.send(call(2))]) seen.leave();
      stage.send(call(3));
      stage.pass(5);
      assert.deepEqual(askedFor(stage), [['get_order', { id: 3 }]]);
    });

    it('after it is sent, the others get their answers', () => {
      const stage = staged();
      const [first, second] = [stage.send(call(1)), stage.send(call(2))];
      stage.pass(5);
      first.leave();
      assert.equal(stage.server.observed, true);
      stage.server.next(all([1, 2]));
      assert.deepEqual([first.replies, second.replies], [[], [result(order(2))]]);
    });

    it('all of them, cancels it', () => {
      const stage = staged();
      const seen = [stage.send(call(1)), stage.send(call(2))];
      stage.pass(5);
      for (const { leave } of seen) leave();
      assert.equal(stage.server.observed, false);
    });
  });

  describe('when something is wrong', () => {
    const told = (stage: Stage, ...ids: unknown[]): Round[] => {
      const seen = ids.map((id) => stage.send(call(id)));
      stage.pass(5);
      return seen;
    };

    it('tells of the error of one that one', () => {
      const error = { code: -32000, message: 'no such order' };
      const stage = staged({ split: () => [order(1), { error }, { content: [], isError: true }, undefined] });
      stage.answers(of(result({ content: [] })));
      const [first, second, third, fourth] = told(stage, 1, 2, 3, 4);
      assert.deepEqual(first?.replies, [result(order(1))]);
      assert.deepEqual(second?.replies, [{ kind: 'error', error }]);
      assert.deepEqual(third?.replies, [result({ content: [], isError: true })]);
      assert.equal(fourth?.code, 'ERR_UPSTREAM_FAILED');
    });

    for (const reply of [
      { kind: 'error', error: { code: -32000, message: 'all is lost' } },
      result({ content: [], isError: true }),
    ] as const satisfies readonly Reply[])
      it(`tells all of the ${reply.kind} that says that all failed`, () => {
        const stage = staged();
        stage.answers(of(reply));
        assert.deepEqual(
          told(stage, 1, 2).map(({ replies }) => replies),
          [[reply], [reply]],
        );
      });

    it('fails all with the failure of the whole', () => {
      const stage = staged();
      stage.answers(throwError(() => new GatewayError('ERR_UPSTREAM_TIMEOUT', 'late')));
      assert.deepEqual(
        told(stage, 1, 2).map(({ code }) => code),
        ['ERR_UPSTREAM_TIMEOUT', 'ERR_UPSTREAM_TIMEOUT'],
      );
    });

    for (const [name, split] of [
      ['throws', () => assert.fail('no')],
      ['gives too few parts', () => [order(1)]],
      ['gives too many', () => [order(1), order(2), order(3)]],
    ] as const)
      it(`mixes no answers up when split ${name}`, () => {
        const stage = staged({ split });
        stage.answers(of(all([1, 2])));
        assert.deepEqual(
          told(stage, 1, 2).map(({ code }) => code),
          ['ERR_UPSTREAM_FAILED', 'ERR_UPSTREAM_FAILED'],
        );
      });

    for (const [name, combine] of [
      ['throws', () => assert.fail('no')],
      ['makes what the tool does not take', () => ({ ids: ['x'] })],
    ] as const)
      it(`makes each call for itself when combine ${name}`, () => {
        const stage = staged({ combine });
        told(stage, 1, 2);
        assert.deepEqual(askedFor(stage), [
          ['get_order', { id: 1 }],
          ['get_order', { id: 2 }],
        ]);
      });

    it('makes each call for itself when the server asks for something', () => {
      const stage = staged();
      const [first] = [stage.send(call(1)), stage.send(call(2))];
      stage.answers(of(result({ resultType: 'input_required', inputRequests: {} })));
      stage.pass(5);
      assert.deepEqual(askedFor(stage), [
        ['get_orders', { ids: [1, 2] }],
        ['get_order', { id: 1 }],
        ['get_order', { id: 2 }],
      ]);
      assert.equal(first.replies.length, 1);
    });

    it('fails all when the server ends without an answer', () => {
      const stage = staged();
      stage.answers(of());
      assert.deepEqual(
        told(stage, 1, 2).map(({ code }) => code),
        ['ERR_UPSTREAM_FAILED', 'ERR_UPSTREAM_FAILED'],
      );
    });
  });

  it('asks nobody: the server is told that none of them can be', () => {
    const stage = staged();
    const capable = (id: number): Call => {
      const exchange = call(id);
      const _meta = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} }, progressToken: 1 };
      return { ...exchange, message: { ...exchange.message, params: { _meta } } };
    };
    stage.send(capable(1));
    stage.send(capable(2));
    stage.pass(5);
    assert.equal(stage.sent[0]?.message.params?.['_meta'], undefined);
    assert.equal(stage.sent[0]?.session, undefined);
  });

  it('refuses options that make no sense', () => {
    assert.throws(() => staged({ size: 0 }), /batch: size/);
    assert.throws(() => staged({ windowMs: 0 }), /batch: windowMs/);
    assert.throws(() => staged({ into: 'get_order' }), /another one/);
  });
});
