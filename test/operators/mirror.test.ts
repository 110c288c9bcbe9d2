import assert from 'node:assert/strict';
import { NEVER, of, throwError, type Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { mirror, type MirrorDifference, type MirrorOptions } from '../../src/operators/mirror.js';
import { refusal } from '../../src/protocol/errors.js';
import type { Result } from '../../src/protocol/jsonrpc.js';
import { metaKeys } from '../../src/protocol/mcp.js';
import type { Authenticated, Exchange, InSession, Resolved } from '../../src/streams/exchange.js';
import { constant } from '../../src/streams/latest.js';
import { result, type Reply } from '../../src/streams/reply.js';
import { service } from '../../src/streams/service.js';
import { byCode } from '../../src/testing/byCode.js';
import type { CallOptions } from '../../src/testing/call.js';
import { marbles } from '../../src/testing/marbles.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { catalogOf, resolvedCall, sessionOf, targetOf, tool } from './scenarios.js';

type Call = Exchange & Authenticated & InSession & Resolved;

const reading = tool('get', { annotations: { readOnlyHint: true } });
const old = serverOffering('orders', { tools: [reading, tool('put')] });
const fresh = serverOffering('orders_v2', { tools: [reading, tool('put')] });
const catalog = constant(catalogOf(old, fresh));
const r = result({ a: 1 });
const s = result({ a: 2 });
const n: Reply = { kind: 'notification', method: 'notifications/progress', params: {} };
const values = { r, s, n };

const reads = (options: CallOptions = {}, definition = reading): Call => ({
  ...resolvedCall(
    { ...targetOf({}, definition), server: old },
    options,
    sessionOf({ capabilities: { roots: {} } }),
  ),
});

/** Mirrors calls; tells what both servers got, and how their answers differ. */
const mirroring = (
  main$: Observable<Reply>,
  shadow$: Observable<Reply>,
  options: Partial<MirrorOptions> = {},
) => {
  const told: MirrorDifference[] = [];
  const shadows: Call[] = [];
  const operator = mirror(
    service((call) => {
      if (call.target.server.settings.name === 'orders') return main$;
      shadows.push(call);
      return shadow$;
    }),
    {
      catalog,
      from: 'orders',
      to: 'orders_v2',
      share: 1,
      onDifference: (each) => told.push(each),
      ...options,
    },
  );
  const drawn = ({ cold }: RunHelpers, at = '(a|)', call = reads()) =>
    cold(at, { a: call }).pipe(operator, byCode());
  const send = (call = reads()): void =>
    void of(call)
      .pipe(operator)
      .subscribe({ error: () => undefined });
  return { operator, drawn, send, told, shadows };
};
const ofResults = (one: Result, other: Result, options?: Partial<MirrorOptions>) => {
  const { send, told } = mirroring(of(result(one)), of(result(other)), options);
  send();
  return told.flatMap(({ at }) => at);
};

describe('operators/mirror', () => {
  it('gives the first answer untouched, in its time, and waits for no other', () =>
    marbles((run) => {
      const shadow = run.cold('                  -------(s|)', values);
      const { drawn } = mirroring(run.cold('     -n-(r|)', values), shadow);
      run.expectObservable(drawn(run)).toBe('    -n-(r|)', values);
      run.expectSubscriptions(shadow.subscriptions).toBe('^------!');
    }));

  it('tells where answers differ, whichever comes first', () => {
    for (const [main, shadow] of [
      ['-(r|)', '---(s|)'],
      ['---(r|)', '-(s|)'],
    ] as const)
      marbles((run) => {
        const { drawn, told, operator } = mirroring(run.cold(main, values), run.cold(shadow, values));
        run.expectObservable(drawn(run)).toBe(main, values);
        run.flush();
        assert.deepEqual(
          told.map(({ id: _id, ...rest }) => rest),
          [
            {
              method: 'tools/call',
              target: undefined,
              from: 'orders',
              to: 'orders_v2',
              kind: 'different',
              at: [{ at: '/result/a' }],
            },
          ],
        );
        assert.deepEqual(operator.counts, {
          mirrored: 1,
          same: 0,
          different: 1,
          late: 0,
          dropped: 0,
          untold: 0,
        });
      });
  });

  it('gives up on a second server that takes too long', () =>
    marbles((run) => {
      const shadow = run.cold('                  --------', values);
      const { drawn, told } = mirroring(run.cold('-(r|)', values), shadow, { deadlineMs: 4 });
      run.expectObservable(drawn(run)).toBe('    -(r|)', values);
      run.expectSubscriptions(shadow.subscriptions).toBe('^---!');
      run.flush();
      assert.deepEqual(
        told.map(({ kind }) => kind),
        ['late'],
      );
    }));

  it('a client that leaves takes the mirrored call with it, and nothing is compared', () =>
    marbles((run) => {
      const shadow = run.cold('                  --------', values);
      const { drawn, told } = mirroring(run.cold('-----(r|)', values), shadow);
      run.expectObservable(drawn(run), '--!').toBe('-', values);
      run.expectSubscriptions(shadow.subscriptions).toBe('^-!');
      run.flush();
      assert.deepEqual(told, []);
    }));

  it('mirrors no more at a time than it may, and counts the rest', () => {
    const { send, shadows, operator } = mirroring(of(r), NEVER, { maxInFlight: 2 });
    for (let index = 0; index < 5; index++) send();
    assert.equal(shadows.length, 2);
    assert.deepEqual([operator.counts.mirrored, operator.counts.dropped], [2, 3]);
  });

  it('gives room back when a mirrored call has ended', () => {
    const { send, operator } = mirroring(of(r), of(r), { maxInFlight: 1 });
    for (let index = 0; index < 5; index++) send();
    assert.deepEqual([operator.counts.same, operator.counts.dropped], [5, 0]);
  });

  it('mirrors only what reads, unless told', () => {
    const mirrored = (call: Call, options?: Partial<MirrorOptions>): number => {
      const { send, shadows } = mirroring(of(r), of(r), options);
      send(call);
      return shadows.length;
    };
    const putting = reads({}, tool('put'));
    assert.equal(mirrored(reads()), 1);
    assert.equal(mirrored(putting), 0);
    assert.equal(mirrored(putting, { tools: ['p*'] }), 1);
    assert.equal(mirrored(reads({ id: null })), 0);
    assert.equal(mirrored(reads(), { share: 0 }), 0);
    assert.equal(mirrored(reads(), { share: 0.5, random: () => 0.5 }), 0);
    assert.equal(mirrored(reads(), { to: 'nowhere' }), 0);
    assert.equal(mirrored(reads({ namespace: 'team' })), 0);
    const round = { ...reads().target, params: { name: 'get', requestState: 's' } };
    assert.equal(mirrored({ ...reads(), target: round }), 0);
  });

  it('the second server is asked for the same caller, who can not be asked and hears of no progress', () => {
    const answers: unknown[] = [];
    const ask: Reply = {
      kind: 'ask',
      method: 'roots/list',
      params: {},
      answer: (each) => answers.push(each),
    };
    const { send, shadows } = mirroring(of(r), of(ask, r));
    const call = reads({
      params: { _meta: { progressToken: 'p', [metaKeys.clientCapabilities]: { roots: {} }, 'x/y': 1 } },
    });
    send(call);
    const [shadow] = shadows;
    assert.equal(shadow?.principal, call.principal);
    assert.deepEqual(shadow.session?.capabilities, {});
    assert.deepEqual(shadow.message.params?.['_meta'], { [metaKeys.clientCapabilities]: {}, 'x/y': 1 });
    assert.deepEqual(shadow.target.server.settings.name, 'orders_v2');
    assert.notEqual(shadow.notes, call.notes);
    assert.match(JSON.stringify(answers), /nobody to be asked/);
  });

  it('compares what matters', () => {
    const text = (value: string) => [{ type: 'text', text: value }];
    assert.deepEqual(ofResults({ a: 1, b: 2 }, { b: 2, a: 1 }), []);
    assert.deepEqual(ofResults({ _meta: { x: 1 } }, { _meta: { x: 2 } }), []);
    assert.deepEqual(ofResults({ content: text('1') }, { content: text('2') }), [
      { at: '/result/content/0/text' },
    ]);
    assert.deepEqual(ofResults({ resultType: 'complete', ttlMs: 1, isError: false }, {}), []);
    assert.deepEqual(ofResults({ isError: true }, {}), [{ at: '/result/isError' }]);
    const structured = (id: number, time: number) => ({
      content: text(`${time}`),
      structuredContent: { id, time },
    });
    const ignore = ['$..time'];
    assert.deepEqual(ofResults(structured(1, 1), structured(1, 2), { ignore }), []);
    assert.deepEqual(ofResults(structured(1, 1), structured(2, 2), { ignore, values: true }), [
      { at: '/result/structuredContent/id', expected: 1, actual: 2 },
    ]);
  });

  it('failures are answers too', () => {
    const failed = (code: 'ERR_FORBIDDEN' | 'ERR_UPSTREAM_FAILED') => throwError(() => refusal(code, 'no'));
    for (const [main, shadow, at] of [
      [failed('ERR_FORBIDDEN'), failed('ERR_FORBIDDEN'), []],
      [failed('ERR_FORBIDDEN'), failed('ERR_UPSTREAM_FAILED'), [{ at: '/failure' }]],
      [of(r), failed('ERR_UPSTREAM_FAILED'), [{ at: '/result' }, { at: '/failure' }]],
    ] as const) {
      const { send, told } = mirroring(main, shadow);
      send();
      assert.deepEqual(
        told.flatMap((each) => each.at),
        at,
      );
    }
  });

  it('a part that throws for the second server fails nothing', () => {
    const told: MirrorDifference[] = [];
    const operator = mirror(
      service((call) => {
        if (call.target.server.settings.name !== 'orders') throw new Error('no');
        return of(r);
      }),
      { catalog, from: 'orders', to: 'orders_v2', share: 1, onDifference: (each) => told.push(each) },
    );
    const replies: Reply[] = [];
    of(reads())
      .pipe(operator)
      .subscribe((reply) => replies.push(reply));
    assert.deepEqual(replies, [r]);
    assert.equal(told.length, 1);
  });

  it('whoever is told may throw: that is counted, and nobody else hears of it', () => {
    const { send, operator } = mirroring(of(r), of(s), {
      onDifference: () => {
        throw new Error('no');
      },
    });
    send();
    assert.equal(operator.counts.untold, 1);
  });

  it('a question to the client, or a task, is compared with nothing', () => {
    for (const resultType of ['input_required', 'task']) {
      const { send, told } = mirroring(of(result({ resultType })), of(r));
      send();
      assert.deepEqual(told, []);
    }
  });

  it('says which option is missing', () =>
    assert.throws(
      () =>
        mirror(
          service(() => of(r)),
          { catalog, from: 'a', to: 'b', share: 1 } as never,
        ),
      {
        name: 'TypeError',
        message: 'mirror: the option onDifference is missing',
      },
    ));

  it('refuses options that make no sense, and to stand beneath authorize', () => {
    for (const options of [
      { share: -1 },
      { to: 'orders' },
      { maxInFlight: 0 },
      { deadlineMs: 0 },
      { ignore: ['a b'] },
    ])
      assert.throws(() => mirroring(of(r), of(r), options), TypeError);
    let code: unknown;
    of<Call>({ ...reads(), decision: {} } as never)
      .pipe(mirroring(of(r), of(r)).operator, byCode())
      .subscribe({ error: (each) => (code = each) });
    assert.equal(code, 'ERR_INTERNAL');
  });
});
