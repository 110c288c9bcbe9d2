import assert from 'node:assert/strict';
import { ask } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { responseOf, type SeenMessage } from '../support/messagesOf.js';
import { modernCall, modernRequest } from '../support/modern.js';
import { startBackendProcess, type BackendProcess } from '../support/startBackendProcess.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';

const deadline = 500;
/** The deadline and what a busy machine needs to notice it. */
const bound = deadline + 500;

for (const era of ['modern', 'legacy'] as const)
  describe(`A ${era} server that hangs`, function () {
    this.timeout(30_000);
    let hung: BackendProcess;
    let well: McpBackend;
    let gateway: RunningGateway;

    before(async () => {
      hung = await startBackendProcess(era);
      well = await startMcpBackend();
      gateway = await startGateway(`  hung: { url: "${hung.url}" }\n  well: { url: "${well.url}" }`, {
        servers: { listTimeoutMs: deadline, timeoutMs: 1000 },
      });
    });
    after(async () => {
      await gateway.close();
      await hung.signal('SIGKILL');
      await well.close();
    });

    const list = async (): Promise<{ names: readonly string[]; stale: readonly string[]; ms: number }> => {
      const startedAt = performance.now();
      const { result } = responseOf(await ask(gateway.port, modernRequest('tools/list')));
      const ms = performance.now() - startedAt;
      const tools = (result?.['tools'] ?? []) as readonly { readonly name: string }[];
      const stale = (result?._meta?.['io.sluice/stale'] ?? []) as readonly { readonly server: string }[];
      return { names: tools.map(({ name }) => name), stale: stale.map(({ server }) => server), ms };
    };

    it('does not hold up the list: its last good part is served and marked, until it is well again', async () => {
      const good = await list();
      assert.deepEqual(good.stale, []);
      assert.ok(good.names.includes('hung_echo') && good.names.includes('well_echo'), good.names.join());
      await hung.signal('SIGSTOP');
      await eventually(10_000, 'the mark', async () => {
        const now = await list();
        assert.ok(now.ms < bound, `the list took ${now.ms} ms`);
        assert.deepEqual(now.names, good.names);
        return now.stale.includes('hung') && !now.stale.includes('well');
      });
      const health = await fetch(`${gateway.adminUrl}/healthz`).then((response) => response.text());
      assert.ok(health.includes('stale'), health);
      await hung.signal('SIGCONT');
      await eventually(15_000, 'the recovery', async () => (await list()).stale.length === 0);
    });

    it('fails calls within their limit, and others are served meanwhile', async () => {
      await hung.signal('SIGSTOP');
      const startedAt = performance.now();
      const lost: Promise<SeenMessage> = modernCall(gateway.port, 'hung_echo', {}, 5000);
      const { result } = await modernCall(gateway.port, 'well_echo', { n: 1 }, 1000);
      assert.equal(result?.content?.[0]?.text, '{"n":1}');
      const { error } = await lost;
      assert.ok(error !== undefined, 'a hung server has answered');
      assert.ok(performance.now() - startedAt < 3500, 'the limit is 1 s, and one repetition is allowed');
      await hung.signal('SIGCONT');
      await eventually(10_000, 'the next answer', async () => {
        const answer = await modernCall(gateway.port, 'hung_echo', { n: 2 }, 5000);
        return answer.result?.content?.[0]?.text === '{"n":2}';
      });
    });
  });
