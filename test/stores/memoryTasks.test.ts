import assert from 'node:assert/strict';
import { VirtualTimeScheduler } from 'rxjs';
import { memoryTasks } from '../../src/stores/memoryTasks.js';
import type { TaskRecord } from '../../src/streams/taskStore.js';

const record = (id: string, more: Partial<TaskRecord> = {}): TaskRecord => ({
  id,
  principalId: 'ann',
  listedFor: 'ann',
  namespace: undefined,
  task: { taskId: id, status: 'working', createdAt: '', lastUpdatedAt: '', ttlMs: 100 },
  expiresAt: 100,
  ...more,
});

describe('stores/memoryTasks', () => {
  const open = (max = 10, maxBytes = 10_000) => {
    const scheduler = new VirtualTimeScheduler();
    return { scheduler, store: memoryTasks({ max, maxBytes, scheduler }) };
  };

  it('gives back what was put, its newest value, and tells of each', () => {
    const { store } = open();
    const seen: string[] = [];
    store.changes$.subscribe(({ id, task }) => seen.push(`${id} ${task.status}`));
    store.put(record('a'));
    const ended = record('a', { task: { ...record('a').task, status: 'completed' } });
    store.put(ended);
    assert.equal(store.get('a'), ended);
    assert.equal(store.get('b'), undefined);
    assert.deepEqual(seen, ['a working', 'a completed']);
    store.close();
  });

  it('lists what is listed for somebody, the oldest first', () => {
    const { store } = open();
    const all = [record('b'), record('a'), record('c', { listedFor: 'bob' })];
    for (const one of all) store.put(one);
    assert.deepEqual(store.list('ann'), all.slice(0, 2));
    store.close();
  });

  it('forgets a task at its time, in lists too, and what nobody asks for a while later', () => {
    const { store, scheduler } = open();
    store.put(record('a'));
    scheduler.schedule(() => {
      assert.deepEqual(store.list('ann'), []);
      assert.equal(store.get('a'), undefined);
      store.close();
    }, 100);
    scheduler.flush();
  });

  it('is bounded by number and by bytes, and a known task may still end', () => {
    const { store } = open(1);
    store.put(record('a'));
    assert.throws(() => store.put(record('b')), { code: 'ERR_TASKS_EXHAUSTED' });
    store.put(record('a', { task: { ...record('a').task, status: 'completed' } }));
    store.close();
    const small = open(10, 200).store;
    small.put(record('a'));
    const large = { ...record('a').task, result: { content: ['x'.repeat(300)] } };
    assert.throws(() => small.put(record('a', { task: large })), { code: 'ERR_TASKS_EXHAUSTED' });
    assert.equal((small.get('a') as TaskRecord).task.result, undefined);
    small.close();
  });
});
