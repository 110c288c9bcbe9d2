import assert from 'node:assert/strict';
import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { version } from '../../../src/cli/terminal.js';
import { loadSettings } from '../../../src/config/load.js';
import { createPrimary } from '../../../src/gateway/workers/primary.js';
import { constant } from '../../../src/streams/latest.js';
import { silent } from '../../../src/streams/log.js';
import { openLive } from '../../support/liveEvents.js';
import { modernCall } from '../../support/modern.js';
import { startMcpBackend } from '../../support/startMcpBackend.js';

const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
const authorization = 'Bearer a-key-for-the-workers';

describe('console: with several workers', function () {
  this.timeout(60_000);

  it('the first process answers for all of them', async () => {
    cluster.setupPrimary({
      exec: main,
      args: ['worker'],
      execArgv: ['--import', 'tsx'],
      serialization: 'advanced',
    });
    const backend = await startMcpBackend();
    const settings = loadSettings(
      `listen: { port: 0 }
admin: { port: 0, key: a-key-for-the-workers }
workers: 2
log: { level: error }
servers: { mail: { url: '${backend.url}' } }`,
      { file: 'test.yaml', env: {}, baseDir: process.cwd() },
    );
    const primary = createPrimary(constant(settings), {
      log: silent,
      version,
      fork: () => cluster.fork().process,
      checkConfiguration: () => [],
    });
    try {
      const { url, adminUrl } = await primary.listen();
      await primary.ready();
      const ask = async <T>(path: string, method = 'GET', body?: object): Promise<T> => {
        const answer = await fetch(`${adminUrl}/api/v1${path}`, {
          method,
          headers: { authorization, 'content-type': 'application/json' },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        assert.equal(answer.status, 200, await answer.clone().text());
        return (await answer.json()) as T;
      };
      const live = await openLive(`${adminUrl}/api/v1/events?topics=calls,servers`, { authorization });
      await live.first<{ name: string }>('server', ({ name }) => name === 'mail');
      const port = Number(new URL(url).port);
      const seen = live.first<{ calls: { tool: string }[] }>('calls');
      for (let call = 0; call < 10; call++) await modernCall(port, 'mail_echo', { call });
      assert.equal((await seen).calls[0]?.tool, 'mail_echo');
      live.close();

      const { servers } = await ask<{ servers: { name: string; status: string; instances: unknown[] }[] }>(
        '/servers',
      );
      assert.deepEqual(
        servers.map(({ name, status, instances }) => [name, status, instances.length]),
        [['mail', 'up', 1]],
      );
      const { total } = await ask<{ total: number }>('/tools?search=mail');
      assert.ok(total >= 5);
      const tried = await ask<{ result: { content: { text: string }[] }; call_id: string }>(
        '/tools/mail_echo/call',
        'POST',
        {
          arguments: { a: 1 },
        },
      );
      assert.equal(tried.result.content[0]?.text, '{"a":1}');
      await ask('/sessions');
      await ask('/tenants');
      await ask('/policies');
      await ask('/configuration');
      assert.deepEqual(await ask('/configuration/check', 'POST', { text: '' }), { ok: true, findings: [] });
      const missing = await fetch(`${adminUrl}/api/v1/tools/nothing`, { headers: { authorization } });
      assert.equal(missing.status, 404);
      const { outcomes } = await ask<{ outcomes: Record<string, number> }>('/overview');
      assert.ok((outcomes['success'] ?? 0) >= 10);
    } finally {
      await primary.close();
      await backend.close();
    }
  });
});
