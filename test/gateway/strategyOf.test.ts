import assert from 'node:assert/strict';
import { knownPrincipal } from '../../src/streams/knownPrincipal.js';
import type { McpServerSettings } from '../../src/config/settings.js';
import { strategyOf } from '../../src/gateway/strategyOf.js';
import { balance } from '../../src/streams/balancing/balance.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { instanceOf, resolvedCall, targetOf } from '../operators/scenarios.js';

const target = (strategy: McpServerSettings['strategy'], ...ids: string[]) =>
  targetOf({
    server: serverOffering(
      's',
      {},
      { strategy },
      ids.map((id) => instanceOf(id)),
    ),
  });
const turns = (strategy: McpServerSettings['strategy'], ...ids: string[]) => {
  const order = balance(strategyOf);
  const to = target(strategy, ...ids);
  return [1, 2, 3, 4].map(() =>
    order(to, resolvedCall())
      .map(({ id }) => id)
      .join(''),
  );
};

describe('gateway/strategyOf', () => {
  it('failover: as configured', () =>
    assert.deepEqual(turns('failover', 'a', 'b', 'c'), ['abc', 'abc', 'abc', 'abc']));
  for (const strategy of ['round-robin', 'weighted', 'least-outstanding'] as const)
    it(`${strategy}: turns by one with each call where all are alike`, () =>
      assert.deepEqual(turns(strategy, 'a', 'b', 'c'), ['abc', 'bca', 'cab', 'abc']));
  it('one or none', () => {
    assert.deepEqual(turns('round-robin', 'a'), ['a', 'a', 'a', 'a']);
    assert.deepEqual(turns('round-robin'), ['', '', '', '']);
  });
  it('each server has its own turn', () => {
    const order = balance(strategyOf);
    const first = (to: ReturnType<typeof target>) => order(to, resolvedCall())[0]?.id;
    const [one, two] = [target('round-robin', 'a', 'b'), target('round-robin', 'c', 'd')];
    assert.equal(first(one), 'a');
    assert.equal(first(two), 'c');
    assert.equal(first(one), 'b');
  });

  it('sticky: by session, else by address; a client that has a name by that', () => {
    const order = balance(strategyOf);
    const to = target('sticky', 'a', 'b', 'c', 'd', 'e');
    const firstOf = (origin: Parameters<typeof resolvedCall>[1]) =>
      order(to, resolvedCall({}, origin))[0]?.id;
    for (const key of ['sessionId', 'address'] as const) {
      const seen = new Set<string | undefined>();
      for (let n = 0; n < 50; n++) {
        const first = firstOf({ [key]: `one ${n}` });
        assert.equal(firstOf({ [key]: `one ${n}` }), first);
        seen.add(first);
      }
      assert.equal(seen.size, 5, key);
    }
    const ann = knownPrincipal({ id: 'ann', method: 'custom' });
    const named = resolvedCall({}, { address: '10.0.0.1' });
    named.notes.principal = ann;
    const elsewhere = resolvedCall({}, { address: '10.0.0.2' });
    elsewhere.notes.principal = ann;
    assert.deepEqual(order(to, named), order(to, elsewhere));
  });
});
