import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { stdioBackend } from '../../../src/sources/backends/stdio/stdioBackend.js';
import type { Backend } from '../../../src/streams/backend.js';
import { silent } from '../../../src/streams/log.js';
import { backendCall, repliesOf, textOf } from '../mcp/backendCall.js';

describe('stdioBackend: what a legacy server asks', () => {
  let backend: Backend;

  beforeEach(() => {
    backend = stdioBackend({
      name: 'test',
      command: process.execPath,
      args: [fileURLToPath(new URL('scriptedChild.mjs', import.meta.url)), 'legacy'],
      env: {},
      cwd: process.cwd(),
      protocol: 'legacy',
      log: silent,
      clientInfo: { name: 'sluice-test', version: '0.0.0' },
    });
  });
  afterEach(() => backend.close(0));

  it('may be of the user and the model, not of the roots', async () => {
    const { told } = JSON.parse(textOf((await repliesOf(backend, backendCall('facts'))).at(-1))) as {
      told: { method?: string; params?: Record<string, unknown> }[];
    };
    assert.deepEqual(told.find(({ method }) => method === 'initialize')?.params?.['capabilities'], {
      sampling: {},
      elicitation: { form: {}, url: {} },
    });
  });

  for (const [who, kinds] of [
    ['ada', ['ask', 'result']],
    ['bob', ['result']],
  ] as const)
    it(`after ada cancelled a call: ${kinds.length === 2 ? `reaches ${who}` : `is kept from ${who}, for it may be ada's`}`, async () => {
      await repliesOf(backend, backendCall('echo'));
      backend
        .invoke(backendCall('hang', { principalId: 'ada' }))
        .subscribe()
        .unsubscribe();
      const call = backendCall('asks', { principalId: who, capabilities: { roots: {} } });
      assert.deepEqual(
        (await repliesOf(backend, call)).map(({ kind }) => kind),
        kinds,
      );
    });
});
