import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/cli/run.js';
import type { Rows } from '../../src/sinks/analytics/analytics.js';
import { fakeTerminal } from '../cli/fakeTerminal.js';
import { apiKeysFile, type ApiKeysFile } from '../support/apiKeysFile.js';
import { ask } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { modernRequest } from '../support/modern.js';
import { adminKey, startConsole, type RunningConsole } from '../support/startConsole.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';

describe('analytics of a running gateway', function () {
  this.timeout(60_000);
  let folder: string;
  let backend: McpBackend;
  let people: ApiKeysFile;
  let console: RunningConsole;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-analytics-'));
    backend = await startMcpBackend();
    people = await apiKeysFile({ ann: 'acme', bea: 'acme', eve: 'bank' });
    console = await startConsole(
      `servers: { search: { url: 'http://127.0.0.1:${backend.port}/mcp' } }
auth: { api_keys: { file: "${people.path}" } }
tenants: { acme: {}, bank: {} }
analytics: { path: "${join(folder, 'calls')}" }`,
      {
        admin:
          ', keys: [{ name: of-acme, key: the-admin-key-of-acme, tenant: acme }, { name: looks, key: the-key-of-a-viewer, role: viewer }]',
      },
    );
    const call = (user: string, name: string) =>
      ask(
        console.port,
        modernRequest('tools/call', { name, arguments: { text: 'x' } }, { headers: people.of(user) }),
      );
    for (let index = 0; index < 5; index++) await call('ann', 'search_echo');
    await call('bea', 'search_echo');
    for (let index = 0; index < 3; index++) await call('eve', 'search_echo');
    await call('eve', 'search_nothing');
    await ask(console.port, modernRequest('tools/list', {}, { headers: people.of('ann') }));
    await eventually(10_000, 'all stored', () => console.gateway.analytics?.state.stored === 11);
    await writeFile(
      join(folder, 'gateway.yaml'),
      `servers: { search: { url: 'http://127.0.0.1:1' } }\nanalytics: { path: ./calls }\n`,
    );
  });
  after(async () => {
    await console.close();
    await Promise.all([backend.close(), people.remove()]);
    await rm(folder, { recursive: true, force: true });
  });

  const rowsOf = async (path: string, key = adminKey) => {
    const { status, json, text } = await console.program(key)('GET', `/analytics${path}`);
    assert.equal(status, 200, text);
    const { columns, rows } = json as Rows;
    return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])));
  };
  const query = (sql: string, key = adminKey, format?: string) =>
    console.program(key)('POST', '/analytics/query', { sql, format });

  it('tells who called a tool, and how often', async () => {
    const rows = await rowsOf('/reports/who-called?tool=search_echo');
    assert.deepEqual(
      rows.map(({ user, tenant, calls }) => ({ user, tenant, calls })),
      [
        { user: 'ann', tenant: 'acme', calls: 5 },
        { user: 'eve', tenant: 'bank', calls: 3 },
        { user: 'bea', tenant: 'acme', calls: 1 },
      ],
    );
  });

  it('has every report, with what it is named for', async () => {
    const { json } = await console.program(adminKey)('GET', '/analytics/reports');
    const { reports } = json as { reports: readonly { name: string; required: readonly string[] }[] };
    for (const { name, required } of reports) {
      const rows = await rowsOf(`/reports/${name}${required.length > 0 ? '?tool=search_echo' : ''}`);
      assert.ok(rows.length > 0, name);
      assert.ok(Object.values(rows[0] ?? {}).some((value) => value !== null));
    }
    const [usage] = await rowsOf('/reports/usage?from=7d');
    assert.deepEqual([usage?.['calls'], usage?.['errors']], [11, 1]);
    const [latency] = await rowsOf('/reports/latency?tool=search_echo');
    const of = (name: string): number => Number(latency?.[name]);
    assert.ok(of('p50_ms') > 0 && of('p50_ms') <= of('p99_ms') && of('p99_ms') <= of('max_ms') * 1.03);
    const [error] = await rowsOf('/reports/errors');
    assert.deepEqual(
      [error?.['outcome'], error?.['error'], error?.['calls']],
      ['not_found', 'ERR_TOOL_UNKNOWN', 1],
    );
    const list = (await rowsOf('/reports/tokens')).find(({ method }) => method === 'tools/list');
    assert.ok(Number(list?.['tokens_out']) > 10);
  });

  it("shows who belongs to a tenant that tenant's calls alone", async () => {
    const key = 'the-admin-key-of-acme';
    const seen = await rowsOf('/reports/users', key);
    assert.deepEqual(seen.map(({ user }) => user).sort(), ['ann', 'bea']);
    const { json } = await query('SELECT DISTINCT tenant FROM calls', key);
    assert.deepEqual((json as Rows).rows, [['acme']]);
    const state = await console.program(key)('GET', '/analytics');
    assert.deepEqual(
      state.json,
      { status: console.gateway.analytics?.state.status },
      'and no figures of others',
    );
  });

  it('lets only admins write SQL, and takes SQL for questions only', async () => {
    assert.equal((await query('FROM calls', 'the-key-of-a-viewer')).status, 403);
    assert.equal((await console.fetch('/api/v1/analytics/reports')).status, 401);
    const { status, json } = await query("COPY calls TO '/tmp/x'");
    assert.deepEqual(
      [status, json],
      [400, { error: { code: 'ERR_INVALID_REQUEST', message: 'Only a SELECT can be asked' } }],
    );
    assert.equal((await query('FROM calls', adminKey, 'xml')).status, 400);
    assert.equal((await console.program(adminKey)('GET', '/analytics/reports/none')).status, 404);
  });

  it('exports answers as CSV, JSON and Parquet', async () => {
    const sql = 'SELECT "user", count(*) AS calls FROM calls GROUP BY 1 ORDER BY 1';
    const csv = await query(sql, adminKey, 'csv');
    assert.equal(csv.text, 'user,calls\nann,6\nbea,1\neve,4\n');
    assert.equal(csv.headers.get('content-type'), 'text/csv; charset=utf-8');
    const json = await query(sql, adminKey, 'json');
    assert.deepEqual(json.json, [
      { user: 'ann', calls: 6 },
      { user: 'bea', calls: 1 },
      { user: 'eve', calls: 4 },
    ]);
    const parquet = await query(sql, adminKey, 'parquet');
    assert.ok(parquet.text.startsWith('PAR1') && parquet.text.endsWith('PAR1'));
  });

  it('is counted among the metrics', async () => {
    const { text } = await console.fetch('/metrics');
    assert.match(text, /^mcp_gateway_analytics_stored_total 11$/m);
    assert.match(text, /^mcp_gateway_analytics_dropped_total 0$/m);
  });

  it('answers the command line while the gateway runs, and from the files after that', async () => {
    const cli = async (args: readonly string[], env: Record<string, string> = {}) => {
      const terminal = fakeTerminal({ cwd: folder, env });
      return { code: await run(['analytics', ...args], terminal), terminal };
    };
    const asked = ['report', 'who-called', '--tool', 'search_echo'];
    const withoutKey = await cli([...asked, '--admin-url', console.adminUrl]);
    assert.equal(withoutKey.code, 1);
    assert.match(withoutKey.terminal.err, /wants an admin key/);
    const running = await cli([...asked, '--admin-url', console.adminUrl], { SLUICE_ADMIN_KEY: adminKey });
    assert.equal(running.code, 0, running.terminal.err);
    assert.match(running.terminal.out, /^user +client +tenant[^]*\nann +\S+ +acme +5/);
    // The folder is in use: what the configuration says of the admin listener is asked, and nobody is there.
    const inUse = await cli(asked, { SLUICE_ADMIN_KEY: adminKey });
    assert.equal(inUse.code, 1);
    assert.match(inUse.terminal.err, /admin listener http:\/\/127\.0\.0\.1:8081/);

    await console.close();
    const stopped = await cli(asked);
    assert.equal(stopped.code, 0, stopped.terminal.err);
    assert.equal(stopped.terminal.out, running.terminal.out);
    const out = join(folder, 'users.csv');
    const file = await cli(['SELECT DISTINCT "user" FROM calls ORDER BY 1', '--format', 'csv', '--out', out]);
    assert.equal(file.code, 0, file.terminal.err);
    assert.equal(await readFile(out, 'utf8'), 'user\nann\nbea\neve\n');
    const wrong = await cli(['DROP TABLE calls']);
    assert.equal(wrong.code, 1);
    assert.match(wrong.terminal.err, /Only a SELECT can be asked/);
    assert.equal((await cli([])).code, 2);
  });
});

describe('analytics that is off', () => {
  it('says how to turn it on', async () => {
    const backend = await startMcpBackend();
    const console = await startConsole(
      `servers: { search: { url: 'http://127.0.0.1:${backend.port}/mcp' } }`,
    );
    try {
      const { status, text } = await console.program(adminKey)('GET', '/analytics/reports');
      assert.equal(status, 501);
      assert.match(text, /analytics: \{ path: /);
    } finally {
      await console.close();
      await backend.close();
    }
  });
});
