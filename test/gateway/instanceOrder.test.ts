import assert from 'node:assert/strict';
import type { McpServerSettings } from '../../src/config/settings.js';
import { instanceOrder } from '../../src/gateway/instanceOrder.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { instanceOf, targetOf } from '../operators/scenarios.js';

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
  const order = instanceOrder();
  const to = target(strategy, ...ids);
  return [1, 2, 3, 4].map(() =>
    order(to)
      .map(({ id }) => id)
      .join(''),
  );
};

describe('gateway/instanceOrder', () => {
  it('failover: as configured', () =>
    assert.deepEqual(turns('failover', 'a', 'b', 'c'), ['abc', 'abc', 'abc', 'abc']));
  it('round robin: turns by one with each call', () =>
    assert.deepEqual(turns('round-robin', 'a', 'b', 'c'), ['abc', 'bca', 'cab', 'abc']));
  it('one or none', () => {
    assert.deepEqual(turns('round-robin', 'a'), ['a', 'a', 'a', 'a']);
    assert.deepEqual(turns('round-robin'), ['', '', '', '']);
  });
  it('each server has its own turn', () => {
    const order = instanceOrder();
    const [one, two] = [target('round-robin', 'a', 'b'), target('round-robin', 'c', 'd')];
    assert.equal(order(one)[0]?.id, 'a');
    assert.equal(order(two)[0]?.id, 'c');
    assert.equal(order(one)[0]?.id, 'b');
  });
});
