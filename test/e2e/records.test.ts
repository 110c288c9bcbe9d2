import assert from 'node:assert/strict';
import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { firstValueFrom, take, toArray } from 'rxjs';
import { version } from '../../src/cli/terminal.js';
import { loadSettings } from '../../src/config/load.js';
import { createGateway } from '../../src/gateway.js';
import { createPrimary } from '../../src/gateway/workers/primary.js';
import type { CallRecord } from '../../src/protocol/audit/callRecord.js';
import { constant } from '../../src/streams/latest.js';
import { silent } from '../../src/streams/log.js';
import { modernCall } from '../support/modern.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { within } from '../support/within.js';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

describe('records of calls', function () {
  this.timeout(60_000);
  let backend: McpBackend;
  before(async () => {
    backend = await startMcpBackend();
  });
  after(() => backend.close());

  const settings = (more = '') =>
    constant(
      loadSettings(
        `listen: { port: 0 }\nadmin: { port: 0 }\n${more}\nservers: { search: { url: 'http://127.0.0.1:${backend.port}/mcp' } }`,
        { file: 'test.yaml', env: {}, baseDir: process.cwd() },
      ),
    );
  const record = (records: readonly CallRecord[], outcome: string): CallRecord =>
    records.find((one) => one.outcome === outcome) ?? assert.fail(JSON.stringify(records));

  it('say of a call and of a refusal what became of it, and how large it was', async () => {
    const gateway = createGateway(settings(), { log: silent, version: '0' });
    const port = Number(new URL((await gateway.listen()).url).port);
    await gateway.ready();
    const seen = firstValueFrom(gateway.records$.pipe(take(2), toArray()));
    await modernCall(port, 'search_echo', { text: 'x'.repeat(1000) });
    await modernCall(port, 'search_nothing', {});
    const records = await within(10_000, 'two records', seen);
    const good = record(records, 'success');
    assert.equal(good.server, 'search');
    assert.equal(good.target, 'search_echo');
    assert.equal(good.attempts, 1);
    assert.equal(good.arguments, undefined, 'nobody has asked for arguments');
    assert.ok(good.bytes_in > 1000 && good.bytes_in < 2000, `${good.bytes_in} in`);
    assert.ok((good.bytes_out ?? 0) > 1000 && (good.bytes_out ?? 0) < 2000, `${good.bytes_out} out`);
    const refused = record(records, 'not_found');
    assert.equal(refused.error, 'ERR_TOOL_UNKNOWN');
    assert.equal(refused.target, 'search_nothing');
    assert.ok((refused.bytes_out ?? 0) > 0);
    assert.deepEqual(
      good.stages?.slice(-2).map(({ name }) => name),
      ['invoke', 'answer'],
    );
    assert.equal(refused.stages?.at(-1)?.name, 'resolveTool');

    await gateway.close();
  });

  it('come from all workers to the first process', async () => {
    cluster.setupPrimary({
      exec: main,
      args: ['worker'],
      execArgv: ['--import', 'tsx'],
      serialization: 'advanced',
    });
    const primary = createPrimary(settings('workers: 2\nlog: { level: error }'), {
      log: silent,
      version,
      fork: () => cluster.fork().process,
    });
    try {
      const port = Number(new URL((await primary.listen()).url).port);
      await primary.ready();
      const seen = firstValueFrom(primary.records$.pipe(take(20), toArray()));
      for (let call = 0; call < 20; call++) await modernCall(port, 'search_echo', { text: String(call) });
      const records = await within(20_000, 'twenty records', seen);
      assert.deepEqual(
        records.map(({ target, outcome }) => [target, outcome]),
        Array.from({ length: 20 }, () => ['search_echo', 'success']),
      );
      assert.equal(new Set(records.map(({ id }) => id)).size, 20);
    } finally {
      await primary.close();
    }
  });
});
