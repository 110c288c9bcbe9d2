import assert from 'node:assert/strict';
import { limits } from '../../src/config/limits.js';
import { memoryAnswers } from '../../src/stores/memoryAnswers.js';
import type { Found } from '../../src/streams/answers.js';
import { answersContract, keptAnswer } from './answers.contract.js';

answersContract('stores/memoryAnswers', () => ({ store: memoryAnswers(() => 1e6) }));

describe('stores/memoryAnswers', () => {
  const learnAll = (max: number) => {
    const store = memoryAnswers(() => max);
    const find = (key: string): Found => store.find([key], ['a']) as Found;
    const learn = (key: string, text: string): void => store.keep(key, ['a'], keptAnswer(text), find(key));
    return { store, find, learn };
  };

  it('let the answers unused for longest go when there is no room, and count the bytes', () => {
    const { store, find, learn } = learnAll(5000);
    for (const key of ['one', 'two', 'three']) learn(key, 'x'.repeat(1000));
    assert.deepEqual(store.held, { answers: 3, bytes: 3 * 1512, pushedOut: 0 });
    assert.ok(find('one').answer);
    learn('four', 'x'.repeat(1000));
    assert.deepEqual(
      ['one', 'two', 'three', 'four'].filter((key) => find(key).answer !== undefined),
      ['one', 'three', 'four'],
    );
    assert.deepEqual(store.held, { answers: 3, bytes: 3 * 1512, pushedOut: 1 });
    learn('five', 'x'.repeat(4400));
    assert.deepEqual(store.held, { answers: 1, bytes: 4912, pushedOut: 4 });
  });

  it('do not let all go for one that is larger than all the room', () => {
    const { store, find, learn } = learnAll(3000);
    learn('one', 'x');
    learn('large', 'x'.repeat(4000));
    assert.ok(find('one').answer);
    assert.equal(find('large').answer, undefined);
    learn('one', 'x'.repeat(4000));
    assert.deepEqual(store.held, { answers: 0, bytes: 0, pushedOut: 0 }, 'nor keep one that is out of date');
  });

  it('count two bytes a letter where letters need them', () => {
    const { store, learn } = learnAll(5000);
    learn('one', 'Ж'.repeat(100));
    assert.equal(store.held.bytes, 712);
  });

  it('give room back for what was forgotten, when it is asked for', () => {
    const { store, find, learn } = learnAll(5000);
    learn('one', 'x');
    store.forget(['a']);
    assert.equal(find('one').answer, undefined);
    assert.deepEqual(store.held, { answers: 0, bytes: 0, pushedOut: 0 });
  });

  it('forget everything when more has changed than they can tell, what is under way too', () => {
    const { store, find, learn } = learnAll(5000);
    learn('one', 'x');
    const before = find('under way');
    for (let at = 0; at <= limits.changedResources; at++) store.forget([`resource ${at}`]);
    assert.equal(find('one').answer, undefined);
    store.keep('under way', ['a'], keptAnswer('old'), before);
    assert.equal(find('under way').answer, undefined);
    learn('one', 'new');
    assert.equal(find('one').answer?.text, 'new');
  });
});
