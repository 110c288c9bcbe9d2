import assert from 'node:assert/strict';
import { VirtualTimeScheduler } from 'rxjs';
import { strategyOf } from '../../../src/gateway/strategyOf.js';
import { balance } from '../../../src/streams/balancing/balance.js';
import { serverOffering } from '../../../src/testing/serverOffering.js';
import { resolvedCall, targetOf } from '../../operators/scenarios.js';
import { instancesWith, type Standard } from './instances.js';

const setUp = (...ids: string[]) => {
  const scheduler = new VirtualTimeScheduler();
  const instances = instancesWith(ids, {}, scheduler);
  const server = serverOffering('s', {}, { strategy: 'round-robin' }, instances);
  const order = balance(strategyOf);
  return {
    of: (id: string) => instances.find((instance) => instance.id === id) as Standard,
    order: (repeatable = true, preferred?: string) =>
      order(targetOf({ server, repeatable, preferred }), resolvedCall())
        .map(({ id }) => id)
        .join(''),
    wait: (ms: number) => {
      scheduler.schedule(() => undefined, ms);
      scheduler.maxFrames = scheduler.now() + ms;
      scheduler.flush();
    },
  };
};
const fail = ({ standing }: Standard, times = 2): void => {
  for (; times > 0; times--) standing.failed(standing.begin());
};
const pinged = (status: 'healthy' | 'degraded' | 'unhealthy') => ({ status, latencyMs: 1, failures: 0 });

describe('streams/balancing/balance', () => {
  it('an instance whose breaker is open goes last; the others take turns as before', () => {
    const { order, of } = setUp('a', 'b', 'c');
    fail(of('b'));
    assert.deepEqual([order(), order(), order()], ['acb', 'cab', 'acb']);
  });

  it('when all are open the least recently failed is tried', () => {
    const { order, of, wait } = setUp('a', 'b', 'c');
    for (const id of ['b', 'c', 'a']) {
      fail(of(id));
      wait(10);
    }
    assert.equal(order(), 'bca');
    fail(of('b'), 1);
    assert.equal(order(), 'cab');
  });

  it('after the cooldown one call takes its turn there again', () => {
    const { order, of, wait } = setUp('a', 'b');
    fail(of('a'));
    wait(100);
    const orders = [order(), order()];
    assert.ok(orders.includes('ab'), orders.join());
    of('a').standing.begin();
    assert.deepEqual([order(), order()], ['ba', 'ba']);
    assert.equal(order(false), 'ba');
  });

  it('degraded ones go behind healthy ones, unhealthy ones behind both', () => {
    const { order, of } = setUp('a', 'b', 'c');
    of('a').standing.report(pinged('unhealthy'));
    of('b').standing.report(pinged('degraded'));
    assert.deepEqual([order(), order()], ['cba', 'cba']);
    of('a').standing.report(pinged('healthy'));
    assert.deepEqual([order(), order()], ['acb', 'cab']);
  });

  it('one that said to be asked later goes last until then, behind one that is open; the soonest first', () => {
    const { order, of, wait } = setUp('a', 'b', 'c');
    fail(of('c'));
    of('a').standing.busyFor(50);
    assert.deepEqual([order(), order(false)], ['bca', 'bca']);
    of('b').standing.busyFor(20);
    assert.equal(order(), 'cba');
    wait(20);
    assert.equal(order(), 'bca');
    wait(30);
    assert.deepEqual([order(), order()].toSorted(), ['abc', 'bac']);
  });

  it('none is left alone for longer than five minutes, whatever it says, and the last word counts', () => {
    const { order, of, wait } = setUp('a', 'b');
    of('a').standing.busyFor(86_400_000);
    wait(299_999);
    assert.deepEqual([order(), order()], ['ba', 'ba']);
    wait(1);
    assert.deepEqual([order(), order()].toSorted(), ['ab', 'ba']);
    of('a').standing.busyFor(1000);
    of('a').standing.busyFor(0);
    assert.deepEqual([order(), order()].toSorted(), ['ab', 'ba']);
  });

  it('what one instance began goes there first, well or not', () => {
    const { order, of } = setUp('a', 'b', 'c');
    fail(of('b'));
    assert.equal(order(true, 'b'), 'bac');
  });
});
