import assert from 'node:assert/strict';
import { of, throwError, type Observable } from 'rxjs';
import { canary, type CanaryOptions } from '../../src/operators/canary.js';
import { refusal, type GatewayErrorCode } from '../../src/protocol/errors.js';
import { noState } from '../../src/protocol/noState.js';
import { seededRandom } from '../../src/protocol/seededRandom.js';
import { CanaryGuard } from '../../src/streams/canaryGuard.js';
import type { Authenticated, Exchange, InSession, Resolved } from '../../src/streams/exchange.js';
import { knownPrincipal } from '../../src/streams/knownPrincipal.js';
import { constant } from '../../src/streams/latest.js';
import { result, type Reply } from '../../src/streams/reply.js';
import { service } from '../../src/streams/service.js';
import { byCode } from '../../src/testing/byCode.js';
import type { CallOptions } from '../../src/testing/call.js';
import { marbles } from '../../src/testing/marbles.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { catalogOf, resolvedCall, targetOf, tool } from './scenarios.js';

type Call = Exchange & Authenticated & InSession & Resolved;

const old = serverOffering('orders', { tools: [tool('get'), tool('put')] });
const fresh = serverOffering('orders_v2', { tools: [tool('get')], prompts: [{ name: 'greet' }] });
const catalog = constant(catalogOf(old, fresh));

/** Tells which server a call came to. */
const where = (call: Call): Reply => result({ by: call.target.server.settings.name });
const divided = (options: Partial<CanaryOptions> = {}, answer?: (call: Call) => Observable<Reply>) =>
  canary(service(answer ?? ((call) => of(where(call)))), {
    catalog,
    from: 'orders',
    to: 'orders_v2',
    share: 1,
    ...options,
  });
const to = (name = 'get', id = 'ann', options: CallOptions = {}, server = old): Call => ({
  ...resolvedCall({ ...targetOf({}, tool(name)), server }, options),
  principal: knownPrincipal({ id }),
});
/** The server that a call goes to; the code of the error where it goes to none. */
const serverOf = (call: Call, operator: ReturnType<typeof divided>): unknown => {
  let got: unknown;
  of(call)
    .pipe(operator, byCode())
    .subscribe({
      next: (reply) => (got = reply.kind === 'result' ? reply.result['by'] : reply.kind),
      error: (code) => (got = code),
    });
  return got;
};

const people = Array.from({ length: 400 }, (_each, index) => `user-${index}`);

describe('operators/canary', () => {
  it('sends a call to the new version in its frame', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const calls = cold('  --a--|', { a: to() });
      const subs = '        ^----!';
      const expected = '    --n--|';
      expectObservable(calls.pipe(divided())).toBe(expected, { n: result({ by: 'orders_v2' }) });
      expectSubscriptions(calls.subscriptions).toBe(subs);
    }));

  it('says in the record which server it was', () => {
    const call = to();
    serverOf(call, divided());
    assert.equal(call.notes.server, 'orders_v2');
    assert.equal(call.notes.resolved?.server.settings.name, 'orders_v2');
    assert.deepEqual([...call.notes.marks.names()], ['canary']);
  });

  it('leaves other servers alone, and what the new version does not have', () => {
    assert.equal(serverOf(to('get', 'ann', {}, serverOffering('stock', {})), divided()), 'stock');
    assert.equal(serverOf(to('put'), divided()), 'orders');
  });

  it('sends nobody to what he may not see', () => {
    // The catalogue has views by what a caller may see; in the namespace `team` there is the old server alone.
    assert.equal(serverOf(to('get', 'ann', { namespace: 'team' }), divided()), 'orders');
  });

  it('takes about the share of callers, each of them always, and those among more too', () => {
    const taken = (share: number) =>
      people.filter((id) => serverOf(to('get', id), divided({ share })) === 'orders_v2');
    const some = taken(0.1);
    assert.ok(some.length > 20 && some.length < 60, `${some.length} of 400`);
    assert.deepEqual(taken(0.1), some);
    const more = taken(0.3);
    assert.ok(more.length > 90 && more.length < 150, `${more.length} of 400`);
    assert.ok(some.every((id) => more.includes(id)));
    assert.deepEqual(taken(0), []);
  });

  it('takes sessions together, and strangers by session or address', () => {
    const by = (call: Call, options: Partial<CanaryOptions> = {}) =>
      serverOf(call, divided({ share: 0.5, ...options }));
    const sessions = people.map((id) => by(to('get', id, { sessionId: 's1' }), { by: 'session' }));
    assert.equal(new Set(sessions).size, 1);
    const stranger = (options: CallOptions): Call => ({
      ...to('get', 'anonymous', options),
      principal: knownPrincipal({ id: 'anonymous', anonymous: true }),
    });
    for (const name of ['sessionId', 'address'])
      assert.equal(new Set(people.map((each) => by(stranger({ [name]: each })))).size, 2);
  });

  it('or each call by itself', () => {
    const random = seededRandom(7);
    const by = people.map(() => serverOf(to(), divided({ share: 0.25, by: 'random', random })));
    const taken = by.filter((server) => server === 'orders_v2').length;
    assert.ok(taken > 70 && taken < 130, `${taken} of 400`);
  });

  it('lets a client choose by a header, where there is one', () => {
    const said = (value: string, options: Partial<CanaryOptions>) =>
      serverOf(to('get', 'ann', { headers: { 'x-version': value } }), divided(options));
    assert.equal(said('new', { share: 0, header: 'X-Version' }), 'orders_v2');
    assert.equal(said('old', { share: 1, header: 'X-Version' }), 'orders');
    assert.equal(said('maybe', { share: 1, header: 'X-Version' }), 'orders_v2');
    assert.equal(said('new', { share: 0 }), 'orders');
  });

  it('a round goes to the server that has asked, whichever that was', () => {
    for (const [asked, share] of [
      ['orders', 1],
      ['orders_v2', 0],
    ] as const) {
      const operator = divided({ share }, (call) => {
        if (call.target.server.settings.name !== asked) throw noState();
        return of(where(call));
      });
      const round: Call = { ...to(), target: { ...to().target, params: { name: 'get', requestState: 's' } } };
      assert.equal(serverOf(round, operator), asked);
      assert.equal(round.notes.server, asked);
    }
  });

  it('an error of a round that is another is no reason to ask the other server', () => {
    const tried: string[] = [];
    const operator = divided({}, (call) => {
      tried.push(call.target.server.settings.name);
      return throwError(() => refusal('ERR_FORBIDDEN', 'no'));
    });
    const round: Call = { ...to(), target: { ...to().target, params: { name: 'get', requestState: 's' } } };
    assert.equal(serverOf(round, operator), 'ERR_FORBIDDEN');
    assert.deepEqual(tried, ['orders_v2']);
  });

  it('gives the new version up when too many of its calls fail, and tells once; then it may be tried again', () => {
    const told: unknown[] = [];
    const guard = new CanaryGuard({ maxErrors: 0.5, least: 4, onAbort: (health) => told.push(health) });
    const ways: (GatewayErrorCode | 'isError' | 'fine')[] = [
      'fine',
      'ERR_FORBIDDEN',
      'isError',
      'ERR_UPSTREAM_FAILED',
      'ERR_UPSTREAM_TIMEOUT',
    ];
    let at = 0;
    const operator = divided({ guard }, (call) => {
      if (call.target.server.settings.name === 'orders') return of(where(call));
      const way = ways[at++];
      if (way === 'fine' || way === undefined) return of(where(call));
      return way === 'isError' ? of(result({ isError: true })) : throwError(() => refusal(way, 'no'));
    });
    for (const _way of ways) serverOf(to(), operator);
    assert.deepEqual(told, [{ failed: 3, answered: 5 }]);
    assert.equal(guard.isAborted, true);
    assert.equal(serverOf(to(), operator), 'orders');
    guard.resume();
    assert.equal(serverOf(to(), operator), 'orders_v2');
    assert.deepEqual(guard.health, { failed: 0, answered: 1 });
  });

  it('refuses to stand beneath authorize', () => {
    const decided = { ...to(), decision: { allow: true } };
    assert.equal(serverOf(decided as never, divided()), 'ERR_INTERNAL');
  });

  it('refuses options that make no sense', () => {
    assert.throws(() => divided({ share: 10 }), TypeError);
    assert.throws(() => new CanaryGuard({ maxErrors: 2 }), TypeError);
    assert.throws(() => new CanaryGuard({ maxErrors: 0.1, least: 0 }), TypeError);
  });
});
