import assert from 'node:assert/strict';
import { mergeMap, of, Subject, type Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { coalesce, type CoalesceOptions } from '../../src/operators/coalesce.js';
import { knownPrincipal } from '../../src/streams/knownPrincipal.js';
import type { Params } from '../../src/protocol/jsonrpc.js';
import type { Authenticated, Exchange, InSession, Principal, Resolved } from '../../src/streams/exchange.js';
import { result, type Reply } from '../../src/streams/reply.js';
import { byCode } from '../../src/testing/byCode.js';
import type { CallOptions } from '../../src/testing/call.js';
import { collect } from '../../src/testing/collect.js';
import { marbles } from '../../src/testing/marbles.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { ann, resolvedCall, targetOf, tool } from './scenarios.js';

type Call = Exchange & Authenticated & InSession & Resolved;

const r = result({});
const n: Reply = { kind: 'notification', method: 'notifications/progress', params: {} };
const a: Reply = { kind: 'ask', method: 'elicitation/create', params: {}, answer: () => undefined };
const i = result({ resultType: 'input_required', inputRequests: {} });
const t = result({ resultType: 'task' });
const values = { r, n, a, i, t };

const reading = tool('get', { annotations: { readOnlyHint: true } });
interface Asked extends CallOptions {
  readonly args?: Params;
  readonly principal?: Principal;
  readonly more?: Params;
}
const read = ({ args = {}, principal = ann, more = {}, ...options }: Asked = {}): Call => ({
  ...resolvedCall({ tool: reading, params: { name: 'get', arguments: args, ...more } }, options),
  principal,
});

/** Sends calls through one operator; each call upstream is the next of the parts that are drawn. */
const running = ({ cold }: RunHelpers, options?: CoalesceOptions) => {
  const drawn: Observable<Reply>[] = [];
  const sent: Call[] = [];
  const operator = coalesce<Call>(
    mergeMap((call) => {
      sent.push(call);
      return drawn[sent.length - 1] as Observable<Reply>;
    }),
    options,
  );
  const part = (marble: string) => {
    const source = cold<Reply>(marble, values);
    drawn.push(source);
    return source;
  };
  const send = (at: string, call: Call): Observable<unknown> =>
    cold(at, { a: call }).pipe(operator, byCode());
  return { part, send, sent };
};

/** How many calls upstream two make that come in the same moment. */
const upstreamOf = (one: Call, other: Call, options?: CoalesceOptions): number => {
  let sent = 0;
  const operator = coalesce<Call>(
    mergeMap(() => {
      sent++;
      return new Subject<Reply>();
    }),
    options,
  );
  for (const call of [one, other]) of(call).pipe(operator).subscribe();
  return sent;
};

describe('operators/coalesce', () => {
  it('makes one call of two, and tells who joined what comes from then on', () =>
    marbles((run) => {
      const { part, send } = running(run);
      const upstream = part('                      -n--n-(r|)');
      run.expectObservable(send('(a|)', read())).toBe('-n--n-(r|)', values);
      run.expectObservable(send('--(a|)', read())).toBe('----n-(r|)', values);
      run.expectSubscriptions(upstream.subscriptions).toBe('^-----!');
    }));

  it('keeps nothing: who comes after the answer makes a call', () =>
    marbles((run) => {
      const { part, send } = running(run);
      part('--(r|)');
      const second = part('--(r|)');
      run.expectObservable(send('(a|)', read())).toBe('--(r|)', values);
      run.expectObservable(send('---(a|)', read())).toBe('-----(r|)', values);
      run.expectSubscriptions(second.subscriptions).toBe('---^-!');
    }));

  it('one who leaves ends nothing for the others, not even the first; the last one does', () =>
    marbles((run) => {
      const { part, send } = running(run);
      const upstream = part('                                  -------');
      run.expectObservable(send('(a|)', read()), '---!').toBe('-', values);
      run.expectObservable(send('-(a|)', read()), '-----!').toBe('-', values);
      run.expectSubscriptions(upstream.subscriptions).toBe('^----!');
    }));

  it('fails for all with what it fails with', () =>
    marbles((run) => {
      const { part, send } = running(run);
      part('---#');
      run.expectObservable(send('(a|)', read())).toBe('---#', values, 'ERR_INTERNAL');
      run.expectObservable(send('-(a|)', read())).toBe('---#', values, 'ERR_INTERNAL');
    }));

  for (const [what, first, expected] of [
    ['asks by a request', '--a--(r|)', '--a--(r|)'],
    ['asks by a result', '--(i|)', '--(i|)'],
    ['makes a task of it', '--(t|)', '--(t|)'],
  ] as const)
    it(`where the server ${what}, that is the first one's alone: the others make calls of their own`, () =>
      marbles((run) => {
        const { part, send } = running(run);
        part(first);
        const own = part('---(r|)');
        run.expectObservable(send('(a|)', read())).toBe(expected, values);
        run.expectObservable(send('-(a|)', read())).toBe('-----(r|)', values);
        run.expectSubscriptions(own.subscriptions).toBe('--^--!');
      }));

  it('where the first has left, an ask ends the call, and the others make calls of their own', () =>
    marbles((run) => {
      const { part, send } = running(run);
      const asking = part('---a--');
      part('(r|)');
      run.expectObservable(send('(a|)', read()), '--!').toBe('-', values);
      run.expectObservable(send('-(a|)', read())).toBe('---(r|)', values);
      run.expectSubscriptions(asking.subscriptions).toBe('^--!');
    }));

  it('is synchronous where its part is', () => {
    const replies: Reply[] = [];
    of(read())
      .pipe(coalesce<Call>(mergeMap(() => of(r))))
      .subscribe((reply) => replies.push(reply));
    assert.deepEqual(replies, [r]);
  });

  it('a part that throws fails the call, and holds up nobody after it', () =>
    marbles((run) => {
      let sent = 0;
      const operator = coalesce<Call>(
        mergeMap(() => {
          if (sent++ === 0) throw new Error('no');
          return of(r);
        }),
      );
      const send = (at: string) => run.cold(at, { a: read() }).pipe(operator, byCode());
      run.expectObservable(send('(a|)')).toBe('#', values, 'ERR_INTERNAL');
      run.expectObservable(send('-(a|)')).toBe('-(r|)', values);
    }));

  const bob = knownPrincipal({ id: 'bob' });
  const acme = (id: string) => knownPrincipal({ id, tenant: 'acme' });
  const exchanging = serverOffering('orders', {}, { oauth: { grant: 'token_exchange', allowedHosts: [] } });
  const withToken = (token: string): Call => {
    const call = read({ headers: { authorization: token } });
    return { ...call, target: { ...call.target, server: exchanging } };
  };
  const shared: [string, Call, Call, CoalesceOptions?][] = [
    ['the same arguments in another order', read({ args: { a: 1, b: 2 } }), read({ args: { b: 2, a: 1 } })],
    [
      'another trace',
      read({ more: { _meta: { traceparent: 'x' } } }),
      read({ more: { _meta: { traceparent: 'y' } } }),
    ],
    ['another id', read({ id: 1 }), read({ id: 2 })],
    ['an ignored argument', read({ args: { at: 1 } }), read({ args: { at: 2 } }), { ignore: ['at'] }],
    [
      'two of a tenant, if so told',
      read({ principal: acme('a') }),
      read({ principal: acme('b') }),
      { by: 'tenant' },
    ],
    ['everybody, if so told', read(), read({ principal: bob }), { by: 'all' }],
  ];
  for (const [what, one, other, options] of shared)
    it(`shares: ${what}`, () => assert.equal(upstreamOf(one, other, options), 1));

  const writing = tool('put');
  const write = (): Call => ({ ...read(), target: targetOf({}, writing) });
  const wanting = (token?: string) =>
    read({ params: { _meta: token === undefined ? {} : { progressToken: token } } });
  const apart: [string, Call, Call, CoalesceOptions?][] = [
    ['other arguments', read({ args: { a: 1 } }), read({ args: { a: 2 } })],
    ['another principal', read(), read({ principal: bob })],
    ['another tenant', read({ principal: acme('a') }), read({ principal: bob }), { by: 'tenant' }],
    ['what a vendor says', read({ more: { _meta: { 'x/y': 1 } } }), read({ more: { _meta: { 'x/y': 2 } } })],
    ['who wants progress with who does not', wanting('p'), wanting()],
    ['a tool that writes', write(), write()],
    ['rounds of a call', read({ more: { inputResponses: {} } }), read({ more: { inputResponses: {} } })],
    ['notifications', read({ id: null }), read({ id: null })],
    ['credentials of two tokens, whatever is told', withToken('a'), withToken('b'), { by: 'all' }],
    ['more than may', read(), read(), { maxSharers: 1 }],
  ];
  for (const [what, one, other, options] of apart)
    it(`does not share: ${what}`, () => assert.equal(upstreamOf(one, other, options), 2));

  it('shares what the chain says is a read', () =>
    assert.equal(upstreamOf(write(), write(), { tools: ['p*'] }), 1));

  it('beyond so many keys each call is made for itself', () => {
    const call = (key: number) => read({ args: { key } });
    let sent = 0;
    const operator = coalesce<Call>(
      mergeMap(() => {
        sent++;
        return new Subject<Reply>();
      }),
      { maxKeys: 1 },
    );
    for (const key of [1, 2, 2, 1]) of(call(key)).pipe(operator).subscribe();
    assert.equal(sent, 3);
  });

  it('a client that is full misses progress, holds up nobody, and gets the answer; only when all are full the server is held back', () => {
    const upstream = new Subject<Reply>();
    const sent: Call[] = [];
    const operator = coalesce<Call>(
      mergeMap((call) => {
        sent.push(call);
        return upstream;
      }),
    );
    const outlets = [collect(), collect()];
    const got = outlets.map((outlet) => {
      const replies: Reply[] = [];
      of(read({ outlet }))
        .pipe(operator)
        .subscribe((reply) => replies.push(reply));
      return replies;
    });
    const [full, other] = outlets;
    full?.valve.pause();
    upstream.next(n);
    assert.equal(sent[0]?.outlet.valve.open, true);
    other?.valve.pause();
    assert.equal(sent[0].outlet.valve.open, false);
    other?.valve.resume();
    assert.equal(sent[0].outlet.valve.open, true);
    upstream.next(r);
    assert.deepEqual(got, [[r], [n, r]]);
  });

  it('refuses bounds that are none', () => {
    for (const options of [{ maxKeys: 0 }, { maxSharers: 1.5 }])
      assert.throws(
        () =>
          coalesce<Call>(
            mergeMap(() => of(r)),
            options,
          ),
        TypeError,
      );
  });
});
