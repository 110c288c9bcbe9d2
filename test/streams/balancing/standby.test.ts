import assert from 'node:assert/strict';
import { VirtualTimeScheduler } from 'rxjs';
import { strategyOf } from '../../../src/gateway/strategyOf.js';
import { balance } from '../../../src/streams/balancing/balance.js';
import { serverOffering } from '../../../src/testing/serverOffering.js';
import { resolvedCall, targetOf } from '../../operators/scenarios.js';
import { instancesWith } from './instances.js';

describe('streams/balancing/balance: instances that stand by', () => {
  const setUp = () => {
    const scheduler = new VirtualTimeScheduler();
    const instances = instancesWith(['a', 'b', 'c', 'd'], { standby: 2 }, scheduler);
    const standing = instances.map(({ standing: one }) => one);
    const server = serverOffering('s', {}, { strategy: 'round-robin' }, instances);
    const order = balance(strategyOf);
    return {
      order: () =>
        order(targetOf({ server, repeatable: true, preferred: undefined }), resolvedCall())
          .map(({ id }) => id)
          .join(''),
      fail: (index: number) => {
        const one = standing[index];
        for (let times = 0; times < 2; times++) one?.failed(one.begin());
      },
    };
  };

  it('come behind the others, which take turns', () => {
    const { order } = setUp();
    assert.deepEqual([order(), order()].sort(), ['abcd', 'bacd']);
  });

  it('come before those whose breaker is open, and behind them when theirs is', () => {
    const { order, fail } = setUp();
    fail(0);
    assert.equal(order(), 'bcda');
    fail(1);
    assert.equal(order(), 'cdab');
    fail(2);
    assert.equal(order(), 'dabc');
  });
});
