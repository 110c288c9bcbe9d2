import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { TaskRecord, TaskStore } from '../../src/streams/taskStore.js';
import { eventually } from '../support/eventually.js';
import { settled } from '../support/settled.js';

/** A store under test. */
export interface TaskStoreUnderTest {
  readonly store: TaskStore;
  /** Milliseconds since the epoch, as the store has it. */
  now(): number;
  /** Lets so many milliseconds pass. */
  pass(ms: number): void | Promise<void>;
}

export interface TaskStoreOptions {
  readonly max: number;
  readonly maxBytes: number;
}

/** A task that somebody has begun, and that is kept for a minute. */
export const taskRecord = (now: number, more: Partial<TaskRecord> = {}): TaskRecord => {
  const id = more.id ?? `task-${randomBytes(6).toString('hex')}`;
  const at = new Date(now).toISOString();
  return {
    id,
    principalId: 'ann',
    listedFor: 'ann',
    namespace: undefined,
    task: { taskId: id, status: 'working', createdAt: at, lastUpdatedAt: at, ttlMs: 60_000 },
    holder: undefined,
    expiresAt: now + 60_000,
    ...more,
  };
};

/**
 * What every task store has to do, wherever it keeps its tasks.
 *
 * @param make an empty store with those options; it is closed after each test
 */
export const taskStoreContract = (
  name: string,
  make: (options: TaskStoreOptions) => TaskStoreUnderTest | Promise<TaskStoreUnderTest>,
): void => {
  describe(`${name}: a task store`, () => {
    let made: TaskStoreUnderTest;
    let store: TaskStore;
    beforeEach(async () => {
      made = await make({ max: 3, maxBytes: 5000 });
      store = made.store;
    });
    afterEach(() => store.close());

    const record = (more: Partial<TaskRecord> = {}): TaskRecord => taskRecord(made.now(), more);
    const ended = (of: TaskRecord, text = 'x'): TaskRecord => ({
      ...of,
      task: { ...of.task, status: 'completed', result: { content: [{ type: 'text', text }] } },
    });
    const refused = { code: 'ERR_TASKS_EXHAUSTED' };

    it('gives back what was put, and its newest value', async () => {
      const one = record();
      await settled(store.put(one));
      assert.deepEqual(await settled(store.get(one.id)), one);
      await settled(store.put(ended(one)));
      assert.deepEqual(await settled(store.get(one.id)), ended(one));
      assert.equal(await settled(store.get('other')), undefined);
      assert.equal(await settled(store.get('__proto__')), undefined);
    });

    it('tells of new values of one task', async () => {
      const [one, other] = [record(), record()];
      await settled(store.put(one));
      const seen: string[] = [];
      const watching = store.watch(one.id).subscribe(({ id, task }) => seen.push(`${id} ${task.status}`));
      await settled(store.put(other));
      await settled(store.put(ended(one)));
      await eventually(3000, 'the end', () => seen.at(-1) === `${one.id} completed`);
      assert.ok(seen.every((line) => line.startsWith(one.id)));
      watching.unsubscribe();
    });

    it('a task that has ended stays as it is', async () => {
      const one = record();
      await settled(store.put(one));
      await settled(store.put(ended(one)));
      await settled(store.put(one));
      assert.equal((await settled(store.get(one.id)))?.task.status, 'completed');
    });

    it('lists what is listed for somebody, the oldest first', async () => {
      const first = record();
      await made.pass(5);
      const second = record();
      for (const each of [first, second, record({ listedFor: "bob' OR '1'='1" })])
        await settled(store.put(each));
      assert.deepEqual(await settled(store.list('ann')), [first, second]);
      assert.deepEqual(await settled(store.list('nobody')), []);
      assert.equal((await settled(store.list("bob' OR '1'='1"))).length, 1);
    });

    it('forgets a task at its time, in lists too', async () => {
      const one = record({ expiresAt: made.now() + 50 });
      await settled(store.put(one));
      await made.pass(51);
      assert.deepEqual(await settled(store.list('ann')), []);
      assert.equal(await settled(store.get(one.id)), undefined);
    });

    it('is bounded by number, and a known task may still end', async () => {
      const all = [record(), record(), record()];
      for (const each of all) await settled(store.put(each));
      await assert.rejects(async () => settled(store.put(record())), refused);
      const [one] = all;
      assert.ok(one);
      await settled(store.put(ended(one)));
      assert.equal((await settled(store.get(one.id)))?.task.status, 'completed');
    });

    it('is bounded by bytes', async () => {
      const [one, other] = [record(), record()];
      await settled(store.put(one));
      await settled(store.put(other));
      await settled(store.put(ended(other, 'x'.repeat(2000))));
      await assert.rejects(async () => settled(store.put(ended(one, 'x'.repeat(4000)))), refused);
      assert.equal((await settled(store.get(one.id)))?.task.status, 'working');
    });
  });
};
