import assert from 'node:assert/strict';
import { nowhere, type AnswerStore, type Found, type KeptAnswer } from '../../src/streams/answers.js';
import { settled } from '../support/settled.js';

/** An answer as long as a text of so many letters. */
export const keptAnswer = (text: string, at = Date.now(), ttlMs = 60_000): KeptAnswer => ({
  text,
  at,
  ttlMs,
});

export interface AnswersParts {
  readonly store: AnswerStore;
  /** Another instance that shares the answers; the same where nobody does. */
  readonly other?: AnswerStore;
  /** Resolves when what was kept and forgotten is where it belongs. */
  readonly written?: () => Promise<unknown>;
}

/** Whether a store of answers remembers and forgets what it should. `open` gives empty ones. */
export const answersContract = (name: string, open: () => AnswersParts | Promise<AnswersParts>): void => {
  describe(`${name}: answers`, () => {
    const opened = async () => {
      const { store, other = store, written = () => Promise.resolve() } = await open();
      const find = (keys: readonly string[], tags: readonly string[], at = store): Promise<Found> =>
        settled(at.find(keys, tags));
      /** Asks, and remembers what comes. */
      const learn = async (key: string, tags: readonly string[], text: string): Promise<void> => {
        store.keep(key, tags, keptAnswer(text), await find([key], tags));
        await written();
      };
      const texts = async (keys: readonly string[], tags: readonly string[], at = other) =>
        (await find(keys, tags, at)).answer?.text;
      return { store, other, written, find, learn, texts };
    };

    it('know nothing of what was never kept', async () => {
      const { find } = await opened();
      const found = await find(['never'], ['a']);
      assert.deepEqual([found.answer, found.key], [undefined, undefined]);
      assert.notEqual(found, nowhere);
    });

    it('give back what was kept last, as it was, by the first key that has something', async () => {
      const { learn, find, texts } = await opened();
      await learn('one', ['a'], '{"a":1}');
      await learn('two', ['a'], '{"ä":"\\u0000 \u{1F600}"}');
      await learn('one', ['a'], '{"a":2}');
      assert.equal(await texts(['one'], ['a']), '{"a":2}');
      assert.equal(await texts(['zero', 'two', 'one'], ['a']), '{"ä":"\\u0000 \u{1F600}"}');
      const { key, answer } = await find(['zero', 'two', 'one'], ['a']);
      assert.equal(key, 'two');
      assert.equal(answer?.ttlMs, 60_000);
    });

    it('forget what is about a tag, and nothing else', async () => {
      const { learn, other, written, texts } = await opened();
      await learn('one', ['a', 'x'], '1');
      await learn('two', ['a', 'y'], '2');
      await learn('three', ['b', 'x2'], '3');
      other.forget(['x', 'never']);
      await written();
      assert.deepEqual(
        [
          await texts(['one'], ['a', 'x']),
          await texts(['two'], ['a', 'y']),
          await texts(['three'], ['b', 'x2']),
        ],
        [undefined, '2', '3'],
      );
      other.forget(['a']);
      await written();
      assert.deepEqual(
        [await texts(['two'], ['a', 'y']), await texts(['three'], ['b', 'x2'])],
        [undefined, '3'],
      );
      await learn('one', ['a', 'x'], '4');
      assert.equal(await texts(['one'], ['a', 'x']), '4');
    });

    it('do not keep what was asked for before something changed', async () => {
      const { store, other, written, find, texts } = await opened();
      const before = await find(['one'], ['a', 'x']);
      other.forget(['x']);
      await written();
      store.keep('one', ['a', 'x'], keptAnswer('old'), before);
      await written();
      assert.equal(await texts(['one'], ['a', 'x']), undefined);
      store.keep('one', ['a', 'x'], keptAnswer('new'), await find(['one'], ['a', 'x']));
      await written();
      assert.equal(await texts(['one'], ['a', 'x']), 'new');
    });
  });
};
