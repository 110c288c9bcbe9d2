import assert from 'node:assert/strict';
import { soundTask } from '../../src/protocol/soundTask.js';

const task = {
  taskId: 't',
  status: 'working',
  createdAt: '2026-11-21T10:00:00.000Z',
  lastUpdatedAt: '2026-11-21T10:00:00.000Z',
  ttlMs: 1000,
  pollIntervalMs: 100,
};
const form = { method: 'elicitation/create', params: { mode: 'form' } };

describe('protocol/soundTask', () => {
  it('a task as it should be passes as it is, unknown keys too', () => {
    const whole = { ...task, statusMessage: 'half', vendor: { kept: true } };
    assert.deepEqual(soundTask(whole, {}), whole);
    const ended = { ...task, status: 'completed', result: { content: [], isError: true } };
    assert.deepEqual(soundTask(ended, {}), ended);
    const waiting = { ...task, status: 'input_required', inputRequests: { k: form } };
    assert.deepEqual(soundTask(waiting, { elicitation: {} }), waiting);
  });

  it('what clients can do without is left out', () => {
    const { ttlMs: _ttl, pollIntervalMs: _poll, ...rest } = task;
    for (const odd of [0, -5, 0.5, '1', null])
      assert.equal('pollIntervalMs' in soundTask({ ...task, pollIntervalMs: odd }, {}), false);
    for (const odd of [-1, 0.5, '1', undefined])
      assert.equal(soundTask({ ...rest, ttlMs: odd }, {}).ttlMs, null);
    const early = { ...task, statusMessage: 7, inputRequests: 7, result: 7, error: 7, requestState: 'x' };
    assert.deepEqual(soundTask(early, {}), task);
  });

  const failures: readonly [string, object][] = [
    ['no id', { taskId: undefined }],
    ['an empty id', { taskId: '' }],
    ['an id that fits into no header', { taskId: 'x'.repeat(5000) }],
    ['no such status', { status: 'banana' }],
    ['no times', { createdAt: undefined }],
    ['a result that is none', { status: 'completed', result: 'str' }],
    ['a result without content', { status: 'completed', result: { content: 'x' } }],
    ['an error that is none', { status: 'failed', error: { message: 'x' } }],
    ['questions that are none', { status: 'input_required', inputRequests: [] }],
    ['a question that is none', { status: 'input_required', inputRequests: { k: 7 } }],
    ['what no client is asked', { status: 'input_required', inputRequests: { k: { method: 'tools/call' } } }],
  ];
  for (const [name, parts] of failures)
    it(`${name}: the server's failure`, () =>
      assert.throws(() => soundTask({ ...task, ...parts }, { elicitation: {} }), {
        code: 'ERR_UPSTREAM_FAILED',
      }));

  it('what the client has not declared it is not asked', () => {
    const request = { method: 'sampling/createMessage', params: {} };
    assert.throws(
      () =>
        soundTask({ ...task, status: 'input_required', inputRequests: { k: request } }, { elicitation: {} }),
      { code: 'ERR_CAPABILITY_REQUIRED', data: { requiredCapabilities: { sampling: {} } } },
    );
  });
});
