import assert from 'node:assert/strict';
import { VirtualTimeScheduler } from 'rxjs';
import { memoryIdempotency, type MemoryIdempotencyOptions } from '../../src/stores/memoryIdempotency.js';
import type { KnownCall } from '../../src/streams/idempotencyStore.js';

const started = (options: MemoryIdempotencyOptions = {}) => {
  const scheduler = new VirtualTimeScheduler();
  const store = memoryIdempotency({ scheduler, ...options });
  return {
    store,
    /** How the call of that key has ended, as far as is known; `new` if it is none that is known. */
    begin: (key: string, caller = 'ann'): string | undefined => {
      const known = store.begin(key, { digest: `of ${key}`, caller, ttlMs: 100 }) as KnownCall | undefined;
      assert.ok(known === undefined || known.digest === `of ${key}`);
      return known === undefined ? 'new' : known.answer;
    },
    pass: (ms: number) => void (scheduler.frame = ms),
  };
};

describe('stores/memoryIdempotency', () => {
  it('knows a call from its beginning until its time is over', () => {
    const { store, begin, pass } = started();
    assert.equal(begin('k'), 'new');
    assert.equal(begin('k'), undefined);
    store.settle('k', 'done');
    pass(99);
    assert.equal(begin('k'), 'done');
    pass(100);
    assert.equal(begin('k'), 'new');
  });

  it('forgets a call of which nothing was done', () => {
    const { store, begin } = started();
    begin('k');
    store.forget('k');
    assert.equal(begin('k'), 'new');
  });

  it('refuses new keys when it is full, and forgets none before its time', () => {
    const { store, begin, pass } = started({ maxKeys: 2 });
    begin('a');
    begin('b');
    assert.throws(() => begin('c'), { code: 'ERR_KEYS_EXHAUSTED', message: /\(idempotency keys: 2\)$/ });
    store.settle('a', 'done');
    pass(99);
    assert.throws(() => begin('c'), { code: 'ERR_KEYS_EXHAUSTED' });
    pass(2000);
    assert.equal(begin('c'), 'new');
  });

  it('knows what is under way for as long as it is', () => {
    const { store, begin, pass } = started({ maxKeys: 1 });
    begin('a');
    pass(2000);
    assert.equal(begin('a'), undefined);
    assert.throws(() => begin('b'), { code: 'ERR_KEYS_EXHAUSTED' });
    store.settle('a', 'done');
    assert.equal(begin('a'), 'new');
  });

  it('gives each caller so many and no more', () => {
    const { store, begin } = started({ maxKeysPerCaller: 1 });
    begin('a');
    assert.throws(() => begin('b'), { code: 'ERR_KEYS_EXHAUSTED', message: /of one caller: 1\)$/ });
    assert.equal(begin('b', 'bob'), 'new');
    store.forget('a');
    assert.equal(begin('c'), 'new');
  });

  it('drops the oldest answers where all together are too large, and knows their keys', () => {
    const { store, begin } = started({ maxAnswers: 10 });
    for (const key of ['a', 'b', 'c']) {
      begin(key);
      store.settle(key, '12345');
    }
    begin('large');
    store.settle('large', '12345678901');
    assert.deepEqual(
      ['a', 'b', 'c', 'large'].map((key) => begin(key)),
      ['', '12345', '12345', ''],
    );
  });

  it('refuses bounds that are none', () => {
    for (const options of [{ maxKeys: 0 }, { maxAnswers: NaN }, { maxKeysPerCaller: -1 }])
      assert.throws(() => memoryIdempotency(options), TypeError);
  });
});
