import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { knownRevision } from '../../src/protocol/revisions/index.js';
import { taskIds } from '../../src/protocol/taskIds.js';
import { fromRequestedForm, taskFormOf, taskSupportOf } from '../../src/protocol/tasks.js';

const task = {
  taskId: 't',
  status: 'completed',
  createdAt: '2026-11-21T10:00:00.000Z',
  lastUpdatedAt: '2026-11-21T10:00:01.000Z',
  ttlMs: 60_000,
  pollIntervalMs: 500,
  vendor: 'kept',
} as const;
const server = { name: 'sluice', version: '1' };

describe('protocol/tasks', () => {
  it('the forms translate into each other, unknown keys kept', () => {
    const requested = knownRevision('2025-11-25').result('tasks/get', task, server);
    const { ttlMs: _ttl, pollIntervalMs: _poll, ...same } = task;
    assert.deepEqual(requested, { ...same, ttl: 60_000, pollInterval: 500 });
    assert.deepEqual(fromRequestedForm(requested), task);
    assert.deepEqual(fromRequestedForm({ taskId: 't', ttl: null }), { taskId: 't', ttlMs: null });
  });

  it("a tool's own error is a failed task in 2025-11-25 and a completed one in the extension", () => {
    const erred = { ...task, result: { content: [], isError: true } };
    assert.equal(knownRevision('2025-11-25').result('tasks/get', erred, server)['status'], 'failed');
    assert.equal(knownRevision('2026-07-28').result('tasks/get', erred, server)['status'], 'completed');
  });

  it('2025-11-25 nests a new task, and has no results or questions in one', () => {
    const created = { resultType: 'task', ...task, status: 'working', _meta: { vendor: 1 } };
    const { task: nested, ...rest } = knownRevision('2025-11-25').result('tools/call', created, server);
    assert.equal((nested as Record<string, unknown>)['status'], 'working');
    assert.deepEqual(rest, { _meta: { vendor: 1 } });
    const whole = { ...task, inputRequests: {}, error: { code: 1, message: 'x' } };
    const told = knownRevision('2025-11-25').result('tasks/get', whole, server);
    assert.deepEqual(
      ['inputRequests', 'error', 'result'].filter((key) => key in told),
      [],
    );
  });

  it('the extension says nothing of a task when it is changed', () => {
    for (const method of ['tasks/update', 'tasks/cancel'])
      assert.deepEqual(knownRevision('2026-07-28').result(method, task, server), {
        resultType: 'complete',
        _meta: { 'io.modelcontextprotocol/serverInfo': server },
      });
  });

  it('what a server and a tool say of tasks', () => {
    assert.equal(taskFormOf({ extensions: { 'io.modelcontextprotocol/tasks': {} } }), 'declared');
    assert.equal(taskFormOf({ tasks: { requests: { tools: { call: {} } } } }), 'requested');
    for (const none of [{}, { tasks: { list: {} } }, { extensions: {} }, { tasks: 7 }, { extensions: null }])
      assert.equal(taskFormOf(none), undefined);
    const tool = { name: 't', inputSchema: {} };
    assert.equal(taskSupportOf({ ...tool, execution: { taskSupport: 'required' } }), 'required');
    assert.equal(taskSupportOf({ ...tool, execution: { taskSupport: 'often' } }), 'forbidden');
  });
});

describe('protocol/taskIds', () => {
  const [old, fresh] = [randomBytes(32), randomBytes(32)];
  const ref = { principalId: 'ann', server: 'orders', instance: 'orders#1', taskId: '7' };

  it('say where a task is, to whom they were given, on every instance that shares the keys', () => {
    const id = taskIds([old]).seal(ref);
    assert.deepEqual(taskIds([fresh, old]).open(id, 'ann'), ref);
    assert.match(id, /^[\w-]+$/, 'it goes into a header');
  });

  it('say nothing to another principal, of another gateway, or altered', () => {
    const ids = taskIds([old]);
    const id = ids.seal(ref);
    assert.equal(ids.open(id, 'bob'), undefined);
    assert.equal(taskIds([fresh]).open(id, 'ann'), undefined);
    for (const other of ['', 'x', `${id}A`, id.slice(1), id.toUpperCase()])
      assert.equal(ids.open(other, 'ann'), undefined);
  });
});
