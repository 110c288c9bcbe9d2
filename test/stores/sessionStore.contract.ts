import assert from 'node:assert/strict';
import { GatewayError } from '../../src/protocol/errors.js';
import type { SessionEvent, SessionStore } from '../../src/streams/sessions.js';
import { eventually } from '../support/eventually.js';
import { settled } from '../support/settled.js';
import { testSession } from './testSession.js';

/** A store under test, and a way to let time pass in it. */
export interface StoreUnderTest {
  readonly store: SessionStore;
  /** Lets so many milliseconds pass. */
  pass(ms: number): void | Promise<void>;
}

export interface StoreOptions {
  readonly ttlMs: number;
  readonly max: number;
}

/**
 * What every session store has to do, wherever it keeps its sessions.
 *
 * @param make an empty store with those options; it is closed after each test
 * @param ttlMs how long its sessions live unused; a store on real time wants less
 */
export const sessionStoreContract = (
  name: string,
  make: (options: StoreOptions) => StoreUnderTest | Promise<StoreUnderTest>,
  ttlMs = 10_000,
): void => {
  describe(`${name}: a session store`, () => {
    let store: SessionStore;
    let pass: StoreUnderTest['pass'];
    let events: SessionEvent[];
    beforeEach(async () => {
      ({ store, pass } = await make({ ttlMs, max: 3 }));
      events = [];
      store.changes$.subscribe((event) => events.push(event));
    });
    afterEach(() => store.close());

    /** What the store tells may take a moment to come. */
    const told = async (...expected: readonly string[]): Promise<void> => {
      const kinds = (): string => events.map(({ kind }) => kind).join();
      await eventually(8000, `being told of ${expected.join()}`, () => kinds() === expected.join());
    };
    const holds = (count: number): Promise<void> =>
      eventually(2000, `holding ${count}`, () => store.size === count);

    it('gives back what was put', async () => {
      const one = testSession();
      await settled(store.put(one));
      assert.deepEqual(await settled(store.get(one.id)), one);
      await holds(1);
      await told('opened');
      assert.deepEqual(events, [{ kind: 'opened', id: one.id }]);
    });

    for (const id of ['', 'x', '__proto__', 'constructor'])
      it(`does not know ${JSON.stringify(id)}`, async () =>
        assert.equal(await settled(store.get(id)), undefined));

    it('a change is a new value under the same id, and no opening', async () => {
      const one = testSession();
      await settled(store.put(one));
      await settled(store.put({ ...one, logLevel: 'error' }));
      assert.equal((await settled(store.get(one.id)))?.logLevel, 'error');
      await holds(1);
      await told('opened');
    });

    it('ends what is deleted, once', async () => {
      const one = testSession();
      await settled(store.put(one));
      assert.equal(await settled(store.delete(one.id)), true);
      assert.equal(await settled(store.delete(one.id)), false);
      assert.equal(await settled(store.get(one.id)), undefined);
      await told('opened', 'ended');
    });

    it('ends what is not used for its time to live, and says so', async () => {
      const one = testSession();
      await settled(store.put(one));
      await pass(ttlMs + 1);
      assert.equal(await settled(store.get(one.id)), undefined);
      await told('opened', 'ended');
    });

    it('says so even if nobody asks', async () => {
      await settled(store.put(testSession()));
      await pass(ttlMs * 1.5);
      await told('opened', 'ended');
      await holds(0);
    });

    it('slides: each use prolongs it', async () => {
      const one = testSession();
      await settled(store.put(one));
      for (let i = 0; i < 5; i++) {
        await pass(ttlMs * 0.8);
        assert.ok(await settled(store.get(one.id)));
      }
    });

    it('refuses one more than it may hold, changes to what it holds still go', async () => {
      const all = [testSession(), testSession(), testSession()];
      for (const one of all) await settled(store.put(one));
      await assert.rejects(
        async () => settled(store.put(testSession())),
        (error) => error instanceof GatewayError && error.code === 'ERR_SESSIONS_EXHAUSTED',
      );
      const [first] = all;
      assert.ok(first);
      await settled(store.put({ ...first, logLevel: 'error' }));
      await settled(store.delete(first.id));
      await settled(store.put(testSession()));
      await holds(3);
    });
  });
};
