import assert from 'node:assert/strict';
import { EMPTY, from, NEVER, of, Subject, throwError, VirtualTimeScheduler, type Observable } from 'rxjs';
import { refusal } from '../../src/protocol/errors.js';
import { isEnded, type Task } from '../../src/protocol/tasks.js';
import { memoryTasks } from '../../src/stores/memoryTasks.js';
import { awaitTask } from '../../src/streams/awaitTask.js';
import type { BackendCall } from '../../src/streams/backend.js';
import { followTask } from '../../src/streams/followTask.js';
import { silent } from '../../src/streams/log.js';
import { OwnTasks } from '../../src/streams/ownTasks.js';
import { result, type Answer, type AskReply, type Reply } from '../../src/streams/reply.js';
import { alwaysOpen } from '../../src/streams/valve.js';
import { marbles } from '../../src/testing/marbles.js';

const task = (status: Task['status'], more: Partial<Task> = {}): Task => ({
  taskId: 't',
  status,
  createdAt: '',
  lastUpdatedAt: '',
  ttlMs: null,
  ...more,
});
const asking = (answer: (given: Answer) => void = () => undefined): AskReply => ({
  kind: 'ask',
  method: 'elicitation/create',
  params: { message: 'Who?', elicitationId: 'e', _meta: { progressToken: 1, vendor: 2 } },
  answer,
});

describe('streams/ownTasks', () => {
  const open = (scheduler = new VirtualTimeScheduler()) => {
    const store = memoryTasks({ max: 10, maxBytes: 10_000, scheduler });
    const tasks = new OwnTasks({ store, log: silent, pollMs: 50, maxRunning: 2, scheduler });
    const begin = (replies$: Observable<Reply>, ttlMs = 1000): string => {
      let id = '';
      tasks
        .start({ principalId: 'ann', listedFor: 'ann', namespace: undefined, ttlMs, replies$ })
        .subscribe((made) => (id = made.taskId));
      return id;
    };
    const state = (id: string): Task => {
      let found: Task | undefined;
      tasks.get(id, 'ann').subscribe((record) => (found = record.task));
      assert.ok(found);
      return found;
    };
    return { tasks, store, scheduler, begin, state };
  };

  it('a call that ends is a completed task, an error a failed one, nothing at all too', () => {
    const { begin, state, tasks } = open();
    assert.deepEqual(state(begin(of(result({ content: [] })))).result, {
      resultType: 'complete',
      content: [],
    });
    const error = { code: 7, message: 'no' };
    assert.deepEqual(state(begin(of({ kind: 'error', error }))).error, error);
    assert.equal(
      state(begin(throwError(() => refusal('ERR_UPSTREAM_TIMEOUT', 'late')))).error?.message,
      'late',
    );
    assert.equal(state(begin(EMPTY)).status, 'failed');
    assert.equal(tasks.running, 0);
  });

  it('belongs to whoever began it', () => {
    const { begin, tasks } = open();
    const id = begin(NEVER);
    for (const act of ['get', 'cancel'] as const)
      tasks[act](id, 'bob').subscribe({
        next: () => assert.fail(),
        error: (error: { code: string }) => assert.equal(error.code, 'ERR_TASK_UNKNOWN'),
      });
  });

  it('asks by keys that are used once, without what belongs to the other hop', () => {
    const { begin, state, tasks } = open();
    const replies = new Subject<Reply>();
    const id = begin(replies);
    const given: Answer[] = [];
    replies.next(asking((answer) => given.push(answer)));
    replies.next(asking((answer) => given.push(answer)));
    assert.equal(state(id).status, 'input_required');
    assert.deepEqual(Object.values(state(id).inputRequests ?? {})[0]?.params, {
      message: 'Who?',
      _meta: { vendor: 2 },
    });
    const [first = '', second = ''] = Object.keys(state(id).inputRequests ?? {});
    tasks.update(id, 'ann', { [first]: { action: 'decline' }, nobody: {} }).subscribe();
    tasks.update(id, 'ann', { [first]: { action: 'accept' } }).subscribe();
    assert.deepEqual(Object.keys(state(id).inputRequests ?? {}), [second]);
    tasks.update(id, 'ann', { [second]: { action: 'cancel' } }).subscribe();
    assert.deepEqual(given, [{ result: { action: 'decline' } }, { result: { action: 'cancel' } }]);
    assert.equal(state(id).status, 'working');
  });

  it('whoever waits for the end is asked meanwhile, also what was asked before', () => {
    const { begin, tasks } = open();
    const replies = new Subject<Reply>();
    const id = begin(replies);
    replies.next(asking());
    const seen: Reply[] = [];
    let ended = false;
    tasks.follow(id, 'ann').subscribe({ next: (reply) => seen.push(reply), complete: () => (ended = true) });
    replies.next(asking());
    replies.next(result({ content: [] }));
    assert.deepEqual(
      seen.map(({ kind }) => kind),
      ['ask', 'ask', 'result'],
    );
    assert.ok(ended);
  });

  it('is cancelled at the backend when its client says so, and when its time is over', () => {
    const { begin, state, tasks, scheduler, store } = open();
    let left = 0;
    const hanging = () => new Subject<Reply>();
    const [one, two] = [hanging(), hanging()];
    const id = begin(one);
    tasks.cancel(id, 'ann').subscribe();
    assert.equal(state(id).status, 'cancelled');
    left += one.observed ? 0 : 1;
    begin(two, 100);
    scheduler.schedule(() => {
      left += two.observed ? 0 : 1;
      store.close();
    }, 101);
    scheduler.flush();
    assert.equal(left, 2);
  });

  it('runs no more than so many, and says of a result that there is no room for', () => {
    const { begin, state, tasks } = open();
    const replies = new Subject<Reply>();
    const id = begin(replies);
    begin(NEVER);
    let refused: unknown;
    tasks
      .start({ principalId: 'ann', listedFor: 'ann', namespace: undefined, ttlMs: 1, replies$: NEVER })
      .subscribe({ error: (error: { code: string }) => (refused = error.code) });
    assert.equal(refused, 'ERR_TASKS_EXHAUSTED');
    replies.next(result({ content: ['x'.repeat(20_000)] }));
    assert.equal(state(id).status, 'failed');
    assert.match(state(id).error?.message ?? '', /too large/);
    assert.equal(tasks.running, 1);
  });
});

describe('streams/followTask', () => {
  it('asks until the end, and tells of changes only', () => {
    marbles(({ expectObservable, cold }) => {
      const states = [task('working'), task('working'), task('input_required'), task('completed')];
      let asked = 0;
      const ask = () => cold('(t|)', { t: { ...(states[asked++] as Task), pollIntervalMs: 250 } });
      const w = { ...task('working'), pollIntervalMs: 250 };
      expectObservable(followTask(ask)).toBe('w 499ms i 249ms (c|)', {
        w,
        i: { ...w, status: 'input_required' },
        c: { ...w, status: 'completed' },
      });
    });
  });

  it('a question that fails is asked again, but for the first and for a task that is no more', () => {
    marbles(({ expectObservable, cold }) => {
      const lost = refusal('ERR_UPSTREAM_UNREACHABLE', 'away');
      const unknown = refusal('ERR_TASK_UNKNOWN', 'gone');
      const answers = [
        cold('(t|)', { t: task('working') }),
        cold<Task>('#', {}, lost),
        cold('(t|)', { t: task('input_required') }),
        cold<Task>('#', {}, unknown),
      ];
      let asked = 0;
      const ask = () => answers[asked++] as Observable<Task>;
      expectObservable(followTask(ask)).toBe(
        'w 1999ms i 999ms #',
        { w: task('working'), i: task('input_required') },
        unknown,
      );
      expectObservable(followTask(() => cold<Task>('#', {}, lost))).toBe('#', {}, lost);
    });
  });
});

describe('streams/awaitTask', () => {
  const call: BackendCall = {
    method: 'tools/call',
    params: { name: 'job' },
    repeatable: false,
    progress: false,
    logLevel: undefined,
    capabilities: { elicitation: {} },
    principalId: 'ann',
    valve: alwaysOpen,
    tasks: 'await',
  };
  /** A backend whose tool becomes a task, and which then gives these answers in turn. */
  const backend = (...answers: readonly Observable<Reply>[]) => {
    const asked: string[] = [];
    let next = 0;
    return {
      asked,
      invoke: ({ method, params }: BackendCall): Observable<Reply> => {
        asked.push(method === 'tasks/update' ? `${method} ${JSON.stringify(params)}` : method);
        if (method === 'tools/call') return of(result({ resultType: 'task', ...task('working') }));
        if (method === 'tasks/update' || method === 'tasks/cancel') return of(result({}));
        return answers[next++] ?? NEVER;
      },
    };
  };
  const told = (status: Task['status'], more: Partial<Task> = {}) => of(result(task(status, more)));
  const run = (invoked: ReturnType<typeof backend>, ms = 60_000): string[] => {
    const scheduler = new VirtualTimeScheduler();
    const seen: string[] = [];
    const subscription = awaitTask(invoked, call, scheduler).subscribe({
      next: (reply) => {
        seen.push(reply.kind === 'notification' ? 'alive' : reply.kind);
        if (reply.kind === 'ask') reply.answer({ result: { action: 'accept' } });
      },
      error: (error: { code: string }) => seen.push(error.code),
    });
    scheduler.schedule(() => subscription.unsubscribe(), ms);
    scheduler.flush();
    return seen;
  };

  it('a result that is in the task', () => {
    assert.deepEqual(run(backend(told('working'), told('completed', { result: { content: [] } }))), [
      'alive',
      'alive',
      'result',
    ]);
  });

  it('a result that has to be fetched', () => {
    const invoked = backend(told('completed'), of(result({ content: [] })));
    assert.deepEqual(run(invoked), ['alive', 'result']);
    assert.deepEqual(invoked.asked, ['tools/call', 'tasks/get', 'tasks/result']);
  });

  it('questions in the task, each asked once', () => {
    const inputRequests = { k: { method: 'elicitation/create', params: {} } };
    const waiting = told('input_required', { inputRequests });
    const invoked = backend(waiting, waiting, told('failed', { error: { code: 1, message: 'x' } }));
    assert.deepEqual(run(invoked), ['alive', 'ask', 'alive', 'alive', 'error']);
    const updates = invoked.asked.filter((method) => method.startsWith('tasks/update'));
    assert.deepEqual(updates, ['tasks/update {"taskId":"t","inputResponses":{"k":{"action":"accept"}}}']);
  });

  it('a question that its client can not be asked ends the call at once', () => {
    const inputRequests = { k: { method: 'sampling/createMessage', params: {} } };
    const invoked = backend(told('input_required', { inputRequests }));
    assert.deepEqual(run(invoked), ['ERR_INPUT_UNSUPPORTED']);
    assert.deepEqual(invoked.asked, ['tools/call', 'tasks/get', 'tasks/cancel']);
  });

  it('questions that are asked while the result is waited for', () => {
    const waiting = from<Reply[]>([asking(), result({ content: [] })]);
    assert.deepEqual(run(backend(told('input_required'), waiting)), ['alive', 'ask', 'result']);
  });

  it('some failures do not matter, many do, and the call is not repeated', () => {
    const lost = throwError(() => refusal('ERR_UPSTREAM_UNREACHABLE', 'away'));
    const mended = backend(lost, lost, told('completed', { result: { content: [] } }));
    assert.deepEqual(run(mended), ['alive', 'result']);
    assert.deepEqual(run(backend(lost, lost, lost, lost, lost, lost)), ['ERR_UPSTREAM_FAILED']);
  });

  it('whoever leaves has the task cancelled, but not an ended one', () => {
    const hanging = backend(told('working'));
    run(hanging, 1500);
    assert.equal(hanging.asked.at(-1), 'tasks/cancel');
    const ended = backend(told('completed', { result: { content: [] } }));
    run(ended);
    assert.equal(ended.asked.at(-1), 'tasks/get');
  });

  it('statuses that are final', () => {
    assert.deepEqual(
      (['working', 'input_required', 'completed', 'failed', 'cancelled'] as const).map(isEnded),
      [false, false, true, true, true],
    );
  });
});
