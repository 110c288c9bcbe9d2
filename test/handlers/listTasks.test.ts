import assert from 'node:assert/strict';
import { EMPTY, firstValueFrom } from 'rxjs';
import { listTasks } from '../../src/handlers/listTasks.js';
import { cursors } from '../../src/protocol/cursor.js';
import { GatewayError } from '../../src/protocol/errors.js';
import { memoryTasks } from '../../src/stores/memoryTasks.js';
import { knownPrincipal } from '../../src/streams/knownPrincipal.js';
import { prompted } from '../../src/streams/prompted.js';
import { enteredCall } from '../operators/scenarios.js';

describe('handlers/listTasks', () => {
  const store = memoryTasks({ max: 1000, maxBytes: 1e6 });
  after(() => store.close());
  before(() => {
    for (const owner of ['ann', 'eve'])
      for (let n = 0; n < 51; n++)
        store.put({
          id: `${owner}-${n}`,
          principalId: owner,
          listedFor: owner,
          namespace: undefined,
          holder: undefined,
          expiresAt: Date.now() + 60_000,
          task: {
            taskId: `${owner}-${n}`,
            status: 'completed',
            createdAt: '',
            lastUpdatedAt: '',
            ttlMs: null,
          },
        });
  });
  const handler = listTasks({
    store,
    cursors: cursors(Buffer.alloc(32)),
    ask: () => EMPTY,
    isOwn: () => true,
  });
  const page = async (id: string, cursor?: string) => {
    const exchange = enteredCall('tasks/list', {
      version: '2025-11-25',
      params: { ...(cursor && { cursor }) },
    });
    const reply = await firstValueFrom(prompted(handler({ ...exchange, principal: knownPrincipal({ id }) })));
    assert.ok(reply.kind === 'result');
    return reply.result as { tasks: { taskId: string }[]; nextCursor?: string };
  };

  it('gives each its own, in pages', async () => {
    const first = await page('ann');
    assert.equal(first.tasks.length, 50);
    const second = await page('ann', first.nextCursor);
    assert.deepEqual([second.tasks.map(({ taskId }) => taskId), second.nextCursor], [['ann-50'], undefined]);
  });

  it("another one's cursor is none", async () => {
    const { nextCursor } = await page('ann');
    assert.ok(nextCursor !== undefined);
    await assert.rejects(
      page('eve', nextCursor),
      (error) => error instanceof GatewayError && error.code === 'ERR_CURSOR_INVALID',
    );
  });
});
