import assert from 'node:assert/strict';
import { lastValueFrom } from 'rxjs';
import { startBackendProcess } from '../../support/startBackendProcess.js';
import { within } from '../../support/within.js';
import { backendCall, repliesOf, textOf } from './backendCall.js';
import { connectMcp, disconnectAll } from './connectMcp.js';

for (const era of ['modern', 'legacy'] as const)
  describe(`mcpBackend with a ${era} server that is killed during 100 calls`, function () {
    this.timeout(20_000);
    afterEach(disconnectAll);

    it('fails or answers each of them, and goes on with the next process', async () => {
      const first = await startBackendProcess(era);
      const backend = connectMcp(first.url);
      await lastValueFrom(backend.offer());
      const calls = Array.from({ length: 100 }, () => repliesOf(backend, backendCall('hang')));
      const outcomes = Promise.allSettled(calls);
      // Answered after the others were sent.
      await repliesOf(backend, backendCall('echo'));
      await first.signal('SIGKILL');
      for (const outcome of await within(8000, 'the end of the calls', outcomes)) {
        assert.equal(outcome.status, 'rejected');
        const { code } = outcome.reason as { code: string };
        assert.ok(code === 'ERR_UPSTREAM_FAILED' || code === 'ERR_UPSTREAM_UNREACHABLE', code);
      }
      await assert.rejects(repliesOf(backend, backendCall('echo')), { code: 'ERR_UPSTREAM_UNREACHABLE' });
      const second = await startBackendProcess(era, first.port);
      assert.equal(textOf((await repliesOf(backend, backendCall('echo')))[0]), '{}');
      await second.signal('SIGKILL');
    });
  });
