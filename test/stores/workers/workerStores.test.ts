import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { firstValueFrom, lastValueFrom, NEVER, toArray, VirtualTimeScheduler } from 'rxjs';
import { BookLink } from '../../../src/stores/workers/bookLink.js';
import type { ToWorker } from '../../../src/stores/workers/messages.js';
import { WorkerBook } from '../../../src/stores/workers/workerBook.js';
import { workerAnswers } from '../../../src/stores/workers/workerAnswers.js';
import { workerCounters } from '../../../src/stores/workers/workerCounters.js';
import { workerEvents } from '../../../src/stores/workers/workerEvents.js';
import { WorkerSessions } from '../../../src/stores/workers/workerSessions.js';
import { workerTasks } from '../../../src/stores/workers/workerTasks.js';
import { nowhere } from '../../../src/streams/answers.js';
import { settled } from '../../support/settled.js';
import { answersContract, keptAnswer } from '../answers.contract.js';
import { countersContract } from '../counters.contract.js';
import { eventStoreContract } from '../eventStore.contract.js';
import { sessionStoreContract } from '../sessionStore.contract.js';
import { taskRecord, taskStoreContract } from '../taskStore.contract.js';
import { testSession } from '../testSession.js';
import { wireTo } from './wireTo.js';

const bounds = {
  sessions: { ttlMs: 10_000, max: 100 },
  events: { maxEvents: 100, maxBytes: 1e6, maxTotalBytes: 1e6, ttlMs: 10_000 },
  tasks: { max: 100, maxBytes: 1e6 },
  counters: { maxKeys: 100, now: Date.now },
  answers: { maxBytes: 1e6 },
};

/** A book, workers that share it, and its time. */
const shared = (more: Partial<typeof bounds> = {}) => {
  const scheduler = new VirtualTimeScheduler();
  const { sessions, events, tasks, counters, answers } = { ...bounds, ...more };
  const book = new WorkerBook({
    sessions: { ...sessions, scheduler },
    events: { ...events, scheduler },
    tasks: { ...tasks, scheduler },
    counters,
    answers,
  });
  const worker = (self: string) => {
    const link = new BookLink(wireTo(book, self));
    return {
      link,
      sessions: new WorkerSessions({ link, self, ttlMs: sessions.ttlMs, scheduler }),
      events: workerEvents({ link, ...events, scheduler }),
      tasks: workerTasks(link, self),
      counters: workerCounters(link, counters),
      answers: workerAnswers(link),
    };
  };
  const pass = (ms: number): void => {
    scheduler.maxFrames = scheduler.frame + ms;
    scheduler.flush();
    scheduler.frame = scheduler.maxFrames;
  };
  return { book, worker, pass, now: () => scheduler.now() };
};

sessionStoreContract('stores/workers', (options) => {
  const { worker, pass } = shared({ sessions: options });
  return { store: worker('here').sessions, pass };
});
eventStoreContract('stores/workers', (options) => {
  const { worker, pass } = shared({ events: { ...options, maxTotalBytes: 1e6 } });
  return { store: worker('one').events, pass };
});
eventStoreContract('stores/workers, read by another', (options) => {
  const { worker, pass } = shared({ events: { ...options, maxTotalBytes: 1e6 } });
  const [{ events: store }, { events: reader }] = [worker('one'), worker('two')];
  return { store, reader, pass, written: () => turn() };
});
taskStoreContract('stores/workers', (options) => {
  const { worker, pass, now } = shared({ tasks: options });
  return { store: worker('one').tasks, pass, now };
});

answersContract('stores/workers', () => {
  const { worker } = shared();
  return { store: worker('one').answers, other: worker('two').answers };
});

describe('stores/workers: answers', () => {
  it('are not remembered while nobody answers the worker', async () => {
    const answers = workerAnswers(new BookLink({ send: () => false, messages$: NEVER }));
    answers.keep('a', ['t'], keptAnswer('x'), nowhere);
    answers.forget(['t']);
    assert.equal(await settled(answers.find(['a'], ['t'])), nowhere);
  });
});

countersContract(
  'stores/workers',
  (now) => shared({ counters: { maxKeys: 100, now } }).worker('one').counters,
);

describe('stores/workers: counters', () => {
  const limit = { kind: 'quota', max: 2, windowMs: 1000 } as const;

  it('are one count for all workers', async () => {
    const { worker } = shared({ counters: { maxKeys: 100, now: () => 0 } });
    const [one, two] = [worker('one').counters, worker('two').counters];
    const taken = [one, two, one].map(
      async (counters) => (await settled(counters.take('ann', 1, limit))).allowed,
    );
    assert.deepEqual(await Promise.all(taken), [true, true, false]);
  });

  it('are those of a worker alone, while nobody answers it', async () => {
    const link = new BookLink({ send: () => false, messages$: NEVER });
    const counters = workerCounters(link, { maxKeys: 100, now: () => 0 });
    const allowed = async (): Promise<boolean> => (await settled(counters.take('ann', 1, limit))).allowed;
    assert.deepEqual([await allowed(), await allowed(), await allowed()], [true, true, false]);
  });
});

describe('stores/workers: a worker that is gone', () => {
  const place = { streamId: 'a', position: 1 };

  it('leaves its sessions to whoever asks first', async () => {
    const { book, worker } = shared();
    const [one, two, three] = [worker('one'), worker('two'), worker('three')];
    for (const { sessions } of [one, two, three]) await settled(sessions.enter(`unix:/${sessions.self}`));
    const session = { ...testSession(), home: 'one' };
    await settled(one.sessions.put(session));
    const home = await settled(two.sessions.elsewhere(session.id));
    assert.deepEqual(home, { instance: 'one', address: 'unix:/one', state: 'alive' });
    book.part('one');
    const gone = await settled(two.sessions.elsewhere(session.id));
    assert.equal(gone?.state, 'gone');
    assert.equal(await settled(two.sessions.takeOver(session.id, gone)), undefined);
    assert.equal((await settled(three.sessions.takeOver(session.id, gone)))?.instance, 'two');
    assert.equal((await settled(two.sessions.get(session.id)))?.home, 'two');
  });

  it('leaves what its streams had sent, and the news that no more will come', async () => {
    const { book, worker } = shared();
    const [one, two] = [worker('one'), worker('two')];
    one.events.open('s', 'a', 7);
    for (const position of [1, 2, 3]) one.events.append('s', { ...place, position }, `"${position}"`);
    await turn();
    book.part('one');
    const missed = await settled(two.events.after('s', place));
    assert.ok(typeof missed === 'object');
    assert.deepEqual(
      missed.events.map(({ data }) => data),
      ['"2"', '"3"'],
    );
    assert.equal(missed.answers, 7);
    assert.ok(missed.more$);
    await assert.rejects(lastValueFrom(missed.more$), { code: 'ERR_INSTANCE_LOST' });
  });

  it('is not there yet: what it still sends is followed up to its end', async () => {
    const { worker, pass } = shared();
    const [one, two] = [worker('one'), worker('two')];
    one.events.open('s', 'a', 7);
    one.events.append('s', place, '"1"');
    await turn();
    const missed = await settled(two.events.after('s', place));
    assert.ok(typeof missed === 'object' && missed.more$);
    const rest = firstValueFrom(missed.more$.pipe(toArray()));
    one.events.append('s', { ...place, position: 2 }, '"2"');
    one.events.end('s', 'a');
    await turn();
    pass(1000);
    assert.deepEqual(
      (await rest).flat().map(({ data }) => data),
      ['"2"'],
    );
  });

  it('has lost a part of a stream: it is given up, not told with a gap', async () => {
    const { book, worker } = shared();
    const two = worker('two');
    wireTo(book, 'one').send({
      question: 0,
      body: {
        ask: 'keep',
        changes: [
          { kind: 'open', sessionId: 's', streamId: 'a', answers: 7 },
          { kind: 'append', sessionId: 's', place, data: '"1"' },
          { kind: 'append', sessionId: 's', place: { ...place, position: 3 }, data: '"3"' },
        ],
      },
    });
    assert.equal(await settled(two.events.after('s', place)), 'unknown');
  });

  it('has failed its tasks, and whoever waits for one hears of it', async () => {
    const { book, worker, now } = shared();
    const [one, two] = [worker('one'), worker('two')];
    const record = taskRecord(now(), { holder: 'one' });
    await settled(one.tasks.put(record));
    const heard: (string | undefined)[] = [];
    two.tasks.watch(record.id).subscribe(({ task }) => heard.push(task.status));
    book.part('one');
    assert.deepEqual(heard, ['failed']);
    const [listed] = await settled(two.tasks.list('ann'));
    assert.match(listed?.task.statusMessage ?? '', /has ended/);
  });
});

describe('stores/workers: sessions', () => {
  it('end for all, however many at once, in one message', async () => {
    const { book, worker, pass } = shared();
    const { sessions } = worker('here');
    const told: ToWorker[] = [];
    book.join('other', (message) => told.push(message));
    const all = Array.from({ length: 50 }, testSession);
    for (const session of all) await settled(sessions.put(session));
    sessions.close();
    pass(12_000);
    await turn();
    const ended = told.flatMap((message) => ('ended' in message ? [message.ended] : []));
    assert.deepEqual(ended, [all.map(({ id }) => id)]);
  });
});

describe('stores/workers: tasks', () => {
  it('are changed by the worker that runs them, as others want', async () => {
    const { worker, now } = shared();
    const [one, two] = [worker('one'), worker('two')];
    const record = taskRecord(now(), { holder: 'one' });
    await settled(one.tasks.put(record));
    const ordered = firstValueFrom(one.tasks.orders$);
    const order = { id: record.id, responses: { a: 1 } };
    await settled(two.tasks.send('one', order));
    assert.deepEqual(await ordered, order);
  });
});
