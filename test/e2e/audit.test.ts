import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/cli/run.js';
import { newApiKey } from '../../src/protocol/identity/apiKey.js';
import { verifiedTrail } from '../../src/sinks/audit/verifiedTrail.js';
import { fakeTerminal } from '../cli/fakeTerminal.js';
import { eventually } from '../support/eventually.js';
import { ask } from '../support/ask.js';
import { assertAuditRecord } from '../support/auditSchema.js';
import { modernCall, modernRequest } from '../support/modern.js';
import { startGateway } from '../support/startGateway.js';
import { startGatewayProcess } from '../support/startGatewayProcess.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';

describe('the audit trail of a running gateway', () => {
  let backend: McpBackend;
  let folder: string;
  let path: string;
  let servers: string;
  before(async () => {
    backend = await startMcpBackend();
  });
  after(() => backend.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-audited-'));
    path = join(folder, 'audit.ndjson');
    servers = `  search: { url: 'http://127.0.0.1:${backend.port}/mcp' }\naudit: { file: '${path}' }`;
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const records = async () =>
    (await readFile(path, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('has one record for each call and each refusal, from start to stop', async () => {
    const gateway = await startGateway(servers);
    await modernCall(gateway.port, 'search_echo', { text: 'hello' });
    await modernCall(gateway.port, 'search_nothing', { text: 'hello' });
    gateway.configure(`${servers}\npage_size: 7`);
    await gateway.close();
    await gateway.close();
    const seen = await records();
    assert.deepEqual(
      seen.map(({ kind }) => kind),
      ['started', 'call', 'call', 'configuration_changed', 'stopped'],
    );
    const [, good = {}, bad = {}, changed = {}] = seen;
    assert.equal(good['outcome'], 'success');
    assert.equal(good['method'], 'tools/call');
    assert.equal(good['server'], 'search');
    assert.equal(good['target'], 'search_echo');
    assert.match(String(good['trace_id']), /^[0-9a-f]{32}$/);
    assert.equal(bad['outcome'], 'not_found');
    assert.equal(bad['error'], 'ERR_TOOL_UNKNOWN');
    assert.deepEqual(changed['keys'], ['pageSize']);
    assert.ok(!(await readFile(path, 'utf8')).includes('hello'), 'no arguments');
    assert.deepEqual((await verifiedTrail(path, undefined)).faults, []);
  });

  it('says who called, of an API key its id, and of who was refused that nobody vouches for him', async () => {
    const { key, hashed } = newApiKey();
    const entry = { ...hashed, user: 'ann', client: 'cli', tenant: 'acme', roles: ['support'] };
    await writeFile(join(folder, 'keys.yaml'), JSON.stringify({ keys: [entry] }));
    const gateway = await startGateway(
      `${servers}\ntenants: { acme: {} }\nauth: { api_keys: { file: '${join(folder, 'keys.yaml')}' } }`,
    );
    const list = (credential: string) =>
      ask(gateway.port, modernRequest('tools/list', {}, { headers: { 'x-api-key': credential } }));
    await list(key);
    await list(`${key.slice(0, -3)}xyz`);
    await gateway.close();
    const [, good = {}, bad = {}] = await records();
    assert.deepEqual(good['who'], {
      id: `key ${hashed.id}`,
      method: 'api_key',
      user: 'ann',
      client: 'cli',
      tenant: 'acme',
      roles: ['support'],
    });
    assert.equal(bad['who'], undefined);
    assert.equal(bad['outcome'], 'unauthenticated');
    const text = await readFile(path, 'utf8');
    assert.ok(!text.includes(key.slice(-20)) && !text.includes(hashed.hash));
  });

  it('says which access policy let a call through or refused it, with its arguments, and tells the caller of nothing', async () => {
    const { key, hashed } = newApiKey();
    const entry = { ...hashed, user: 'ann', client: 'cli', tenant: 'acme', roles: [] };
    await writeFile(join(folder, 'keys.yaml'), JSON.stringify({ keys: [entry] }));
    const gateway = await startGateway(
      `${servers.replace(`'${path}' }`, `'${path}', arguments: true }`)}\n` +
        `tenants: { acme: {} }\npolicies: [{ tenant: acme, tools: { allowed: ['*'], denied: ['*_hang'] } }]\n` +
        `auth: { api_keys: { file: '${join(folder, 'keys.yaml')}' } }`,
    );
    const call = async (name: string) =>
      ask(
        gateway.port,
        modernRequest('tools/call', { name, arguments: { text: 'hi' } }, { headers: { 'x-api-key': key } }),
      );
    await call('search_echo');
    const refused = await call('search_hang');
    await gateway.close();
    assert.match(JSON.stringify(refused.body), /Unknown tool: search_hang/);
    assert.doesNotMatch(JSON.stringify(refused.body), /polic/);
    const [, good = {}, bad = {}] = await records();
    assert.deepEqual(good['decision'], {
      allow: true,
      policy: 'access',
      reason: 'The access policy 1 allows it (/policies/0)',
    });
    assert.deepEqual(bad['decision'], {
      allow: false,
      policy: 'access',
      reason: 'The access policy 1 denies it (/policies/0)',
    });
    assert.deepEqual([bad['outcome'], bad['arguments']], ['forbidden', { text: 'hi' }]);
    [good, bad].forEach(assertAuditRecord);
  });

  it('goes on where its file was taken away, and says so: in the trail, and in the metrics', async () => {
    const gateway = await startGateway(servers);
    await eventually(5000, 'the first record', async () => (await readFile(path, 'utf8')) !== '');
    await rm(path);
    await eventually(5000, 'another file', async () => {
      await modernCall(gateway.port, 'search_echo', { text: 'x' });
      return existsSync(path);
    });
    const metrics = await (await fetch(new URL('/metrics', gateway.adminUrl))).text();
    await gateway.close();
    assert.match(metrics, /^mcp_gateway_audit_file_lost_total 1$/m);
    const seen = await records();
    seen.forEach(assertAuditRecord);
    assert.deepEqual(seen[0]?.['begins'], { file: 2, gone: 0 });
    assert.deepEqual(
      seen.filter(({ kind }) => kind === 'file_lost').map(({ reason }) => reason),
      ['removed'],
    );
    const { faults } = await verifiedTrail(path, undefined);
    assert.deepEqual(
      faults.map(({ fault }) => fault),
      ['beginning'],
    );
  });

  it('tells an operator that the disk is full, while there is room in memory', async () => {
    const gateway = await startGateway(
      servers.replace(`'${path}' }`, '/dev/full, arguments: true, on_overload: wait }'),
    );
    const admin = async (what: string) => {
      const response = await fetch(new URL(what, gateway.adminUrl));
      return { status: response.status, text: await response.text() };
    };
    await eventually(5000, 'a notice', async () =>
      (await admin('/healthz')).text.includes(
        'Audit trail (file): can not be written (ENOSPC): records wait, and calls are refused',
      ),
    );
    assert.match((await admin('/metrics')).text, /^mcp_gateway_audit_failing\{sink="file"\} 1$/m);
    await gateway.close();
  });

  it('is readable after kill -9 under load, and lacks no call that was answered a second before', async () => {
    const gateway = await startGatewayProcess(servers);
    const answered: number[] = [];
    let running = true;
    const caller = async (): Promise<void> => {
      while (running) {
        try {
          await modernCall(gateway.port, 'search_echo', { text: 'x' });
        } catch {
          // The gateway is gone.
          return;
        }
        answered.push(Date.now());
      }
    };
    const load = Promise.all(Array.from({ length: 8 }, caller));
    await eventually(20_000, 'two seconds of calls', () => Date.now() - (answered[0] ?? Infinity) > 2000);
    await gateway.kill();
    const killed = Date.now();
    running = false;
    await load;
    const { records: kept, faults, last } = await verifiedTrail(path, undefined);
    assert.deepEqual(
      faults.filter(({ isHarmless }) => !isHarmless),
      [],
    );
    assert.equal(last?.seq, kept);
    const terminal = fakeTerminal();
    assert.equal(await run(['audit', 'verify', path], terminal), 0, terminal.err);
    assert.match(
      terminal.out,
      new RegExp(`ok ${kept} records in 1 file, 1 to ${kept}; the last hash is ${last.hash}`),
    );
    const calls = kept - 1;
    const due = answered.filter((time) => time < killed - 1000).length;
    assert.ok(calls >= due, `${calls} calls on disk, ${due} were answered more than a second before the end`);
  });
});
