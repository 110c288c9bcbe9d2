import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import {
  asyncScheduler,
  firstValueFrom,
  lastValueFrom,
  NEVER,
  Subject,
  tap,
  toArray,
  type Observable,
} from 'rxjs';
import { hazelcastInstances } from '../../../src/stores/hazelcast/hazelcastInstances.js';
import type { HazelcastLink } from '../../../src/stores/hazelcast/hazelcastLink.js';
import { hazelcastTasks } from '../../../src/stores/hazelcast/hazelcastTasks.js';
import { silent } from '../../../src/streams/log.js';
import { OwnTasks } from '../../../src/streams/ownTasks.js';
import { result, type Answer, type Reply } from '../../../src/streams/reply.js';
import type { TaskStore } from '../../../src/streams/taskStore.js';
import { taskStoreContract } from '../../stores/taskStore.contract.js';
import { eventually } from '../../support/eventually.js';
import { settled } from '../../support/settled.js';
import { within } from '../../support/within.js';
import { clusterFor, type Cluster } from './clusterFor.js';

interface Gateway {
  readonly tasks: OwnTasks;
  readonly store: TaskStore;
  /** Ends it; what it runs is not told. */
  die(): void;
}

describe('Tasks in Hazelcast', () => {
  let cluster: Cluster;
  let link: HazelcastLink;
  const running: Gateway[] = [];
  before(async function () {
    cluster = await clusterFor(this, 'sluice-tasks');
    link = await cluster.open();
  });
  afterEach(() => {
    for (const { tasks, die } of running.splice(0)) {
      tasks.close();
      die();
    }
  });
  after(() => cluster.close());

  const gateway = async (): Promise<Gateway> => {
    const own = await cluster.open();
    const instances = hazelcastInstances(own);
    const store = hazelcastTasks({ link: own, instances, max: 1000, maxBytes: 1e6 });
    await lastValueFrom(instances.enter('http://here:1'), { defaultValue: undefined });
    const tasks = new OwnTasks({ store, log: silent, pollMs: 50, maxRunning: 10, scheduler: asyncScheduler });
    const made = {
      tasks,
      store,
      die() {
        instances.close();
        store.close();
      },
    };
    running.push(made);
    return made;
  };
  const begin = async ({ tasks }: Gateway, replies$: Observable<Reply>): Promise<string> => {
    const owner = { principalId: 'ann', listedFor: 'ann', namespace: undefined };
    return (await firstValueFrom(tasks.start({ ...owner, ttlMs: 60_000, replies$ }))).taskId;
  };
  const statusOf = async ({ store }: Gateway, id: string) => (await settled(store.get(id)))?.task.status;
  const asking = (answer: (given: Answer) => void): Reply => ({
    kind: 'ask',
    method: 'elicitation/create',
    params: { message: 'Who?' },
    answer,
  });

  taskStoreContract('stores/hazelcast/hazelcastTasks', async (options) => {
    await firstValueFrom(link.use('sluice.tasks', (tasks) => tasks.clear()));
    const instances = { self: 'here', find: () => undefined };
    return { store: hazelcastTasks({ link, instances, ...options }), now: Date.now, pass: (ms) => delay(ms) };
  });

  it('shows on one instance how a task of another stands, and lists it', async () => {
    const [one, other] = [await gateway(), await gateway()];
    const replies = new Subject<Reply>();
    const id = await begin(one, replies);
    assert.equal(await statusOf(other, id), 'working');
    assert.deepEqual(
      (await settled(other.store.list('ann'))).map((record) => record.id),
      [id],
    );
    const end = firstValueFrom(other.tasks.follow(id, 'ann'));
    replies.next(result({ content: [] }));
    assert.equal((await within(5000, 'the end', end)).kind, 'result');
    await assert.rejects(firstValueFrom(other.tasks.get(id, 'bob')), { code: 'ERR_TASK_UNKNOWN' });
  });

  it('takes answers and cancellations to the instance that runs it', async () => {
    const [one, other] = [await gateway(), await gateway()];
    const replies = new Subject<Reply>();
    const id = await begin(one, replies);
    const given = new Promise<Answer>((resolve) => replies.next(asking(resolve)));
    await eventually(3000, 'the question', async () => (await statusOf(other, id)) === 'input_required');
    const record = await firstValueFrom(other.tasks.get(id, 'ann'));
    const [key = ''] = Object.keys(record.task.inputRequests ?? {});
    await firstValueFrom(other.tasks.update(id, 'ann', { [key]: { action: 'decline' } }));
    assert.deepEqual(await within(3000, 'the answer', given), { result: { action: 'decline' } });
    await firstValueFrom(other.tasks.cancel(id, 'ann'));
    await eventually(3000, 'the end', async () => (await statusOf(other, id)) === 'cancelled');
    assert.equal(replies.observed, false, 'its call goes on');
  });

  it('asks whoever follows a task of another instance, and takes the answer there', async () => {
    const [one, other] = [await gateway(), await gateway()];
    const replies = new Subject<Reply>();
    const id = await begin(one, replies);
    const followed = lastValueFrom(
      other.tasks.follow(id, 'ann').pipe(
        tap((reply) => {
          if (reply.kind === 'ask') reply.answer({ result: { action: 'accept' } });
        }),
        toArray(),
      ),
    );
    const answer = new Promise<Answer>((resolve) => replies.next(asking(resolve)));
    assert.deepEqual(await within(5000, 'the answer', answer), { result: { action: 'accept' } });
    replies.next(result({ content: [] }));
    assert.deepEqual(
      (await within(5000, 'the end', followed)).map(({ kind }) => kind),
      ['ask', 'result'],
    );
  });

  it('fails when its instance is gone, for all who look, watch or list, and stays so', async () => {
    const [one, other] = [await gateway(), await gateway()];
    const id = await begin(one, NEVER);
    const before = await settled(one.store.get(id));
    assert.ok(before);
    const end = firstValueFrom(other.tasks.follow(id, 'ann'));
    one.die();
    const reply = await within(20_000, 'the end', end);
    assert.ok(reply.kind === 'error');
    assert.match(reply.error.message, /has ended: whether its call was done is not known/);
    assert.equal(await statusOf(other, id), 'failed');
    const listed = (await settled(other.store.list('ann'))).find((record) => record.id === id);
    assert.equal(listed?.task.status, 'failed');
    const late = { ...before, task: { ...before.task, status: 'completed' as const, result: {} } };
    await settled(one.store.put(late));
    assert.equal(await statusOf(other, id), 'failed');
  }).timeout(30_000);

  it('loses none with a member that is killed', async () => {
    const [one, other] = [await gateway(), await gateway()];
    const ids = [];
    for (let i = 0; i < 10; i++) ids.push(await begin(one, NEVER));
    await cluster.kill(1);
    for (const id of ids) assert.equal(await statusOf(other, id), 'working');
    await cluster.start(1);
  }).timeout(60_000);
});
