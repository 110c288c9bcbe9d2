import assert from 'node:assert/strict';
import { RetryBudget } from '../../../src/streams/balancing/retryBudget.js';

describe('streams/balancing/retryBudget', () => {
  const setUp = (share: number, perSecond: number) => {
    let now = 0;
    const budget = new RetryBudget({ share, perSecond }, () => now);
    const call = (times: number): void => {
      for (; times > 0; times--) budget.called();
    };
    const taken = (): number => {
      let count = 0;
      while (budget.take()) count++;
      return count;
    };
    return { call, taken, at: (ms: number) => void (now = ms) };
  };

  it('gives a share of the calls of the last ten seconds', () => {
    const { call, taken, at } = setUp(0.2, 0);
    assert.equal(taken(), 0);
    call(100);
    assert.equal(taken(), 20);
    assert.equal(taken(), 0);
    call(50);
    assert.equal(taken(), 10);
    at(5000);
    call(100);
    assert.equal(taken(), 20);
    at(11_000);
    assert.equal(taken(), 0, 'what was taken leaves with the calls that paid for it');
    at(60_000);
    call(10);
    assert.equal(taken(), 2);
  });

  it('gives some a second besides, so that little traffic is not left without, and saves none of them', () => {
    const { taken, at } = setUp(0, 2);
    assert.equal(taken(), 2);
    at(500);
    assert.equal(taken(), 0);
    at(1000);
    assert.equal(taken(), 2);
    at(60_000);
    assert.equal(taken(), 2);
  });

  it('200 calls that fail in one second are repeated 50 times', () => {
    const { call, taken, at } = setUp(0.2, 10);
    let repeated = 0;
    for (let ms = 0; ms < 1000; ms += 5) {
      at(ms);
      call(1);
      repeated += taken();
    }
    assert.equal(repeated, 50);
  });

  it('what is given besides is not charged to the share', () => {
    const { call, taken, at } = setUp(0.2, 10);
    assert.equal(taken(), 10);
    at(5000);
    call(50);
    assert.equal(taken(), 20);
  });

  it('survives a clock that is set back', () => {
    const { call, taken, at } = setUp(0.5, 0);
    at(100_000);
    call(10);
    at(0);
    assert.equal(taken(), 0);
    call(10);
    assert.equal(taken(), 5);
  });
});
