import assert from 'node:assert/strict';
import type { SeenMessage } from '../support/messagesOf.js';
import { modernCall } from '../support/modern.js';
import { openLegacySession } from '../support/openLegacySession.js';
import { startBackendProcess, type BackendProcess } from '../support/startBackendProcess.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';

const calls = 100;
/** Everything has to be over by then: the calls take 400 ms, a broken connection shows at once. */
const patience = 5000;

const eras = ['modern', 'legacy'] as const;

/** True for an answer that a client can do something with, and that is not made up. */
const isClear = ({ result, error }: SeenMessage): boolean => {
  if (error !== undefined)
    return error.message.length > 0 && !/127\.0\.0\.1|ECONN|\.ts|\.js/.test(error.message);
  return result?.isError === true || result?.content?.[0]?.text === 'done';
};

for (const backendEra of eras)
  for (const clientEra of eras)
    describe(`A ${backendEra} server killed during ${calls} calls of ${clientEra} clients`, function () {
      this.timeout(30_000);
      let backend: BackendProcess;
      let gateway: RunningGateway;

      before(async () => {
        backend = await startBackendProcess(backendEra);
        gateway = await startGateway(`  back: { url: "${backend.url}" }`);
      });
      after(async () => {
        await gateway.close();
        await backend.signal('SIGKILL');
      });

      it('leaves every call with an answer or a clear error, and the next call works', async () => {
        const session = clientEra === 'legacy' ? await openLegacySession(gateway.port) : undefined;
        const call = (name: string, args: Readonly<Record<string, unknown>>): Promise<SeenMessage> =>
          session?.call(name, args, patience) ?? modernCall(gateway.port, name, args, patience);

        const running = Array.from({ length: calls }, () => call('back_slow', { ms: 400 }));
        // Those were sent before this one; when it is answered, they are on their way.
        assert.equal((await call('back_echo', {})).error, undefined);
        await backend.signal('SIGKILL');
        backend = await startBackendProcess(backendEra, backend.port);
        const answers = await Promise.all(running);
        for (const answer of answers) assert.ok(isClear(answer), JSON.stringify(answer));

        // `echo` may be repeated, so a session that the new process does not know is no reason to fail.
        const next = await call('back_echo', { again: true });
        assert.equal(next.result?.content?.[0]?.text, '{"again":true}', JSON.stringify(next));
        const after = await call('back_slow', { ms: 1 });
        assert.equal(after.result?.content?.[0]?.text, 'done', JSON.stringify(after));
      });

      it('gives a clear error while it is away, and works again at once when it is back', async () => {
        await backend.signal('SIGKILL');
        const away = await modernCall(gateway.port, 'back_echo', {}, patience);
        assert.equal(away.result, undefined);
        assert.ok(isClear(away), JSON.stringify(away));
        backend = await startBackendProcess(backendEra, backend.port);
        const back = await modernCall(gateway.port, 'back_echo', { n: 1 }, patience);
        assert.equal(back.result?.content?.[0]?.text, '{"n":1}', JSON.stringify(back));
      });

      it('does not send a call twice that may do harm twice, nor invent its success', async () => {
        await backend.signal('SIGKILL');
        backend = await startBackendProcess(backendEra, backend.port);
        // `slow` does not say that it may be repeated. Towards a modern server nothing was lost; a legacy one has
        // forgotten the session, and the call either ran in a new one or failed with a clear error.
        const answer = await modernCall(gateway.port, 'back_slow', { ms: 1 }, patience);
        assert.ok(isClear(answer), JSON.stringify(answer));
        if (backendEra === 'modern') assert.equal(answer.error, undefined);
        assert.equal((await modernCall(gateway.port, 'back_slow', { ms: 1 }, patience)).error, undefined);
      });
    });
