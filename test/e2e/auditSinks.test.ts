import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertAuditRecord } from '../support/auditSchema.js';
import { eventually } from '../support/eventually.js';
import { modernCall } from '../support/modern.js';
import { openLegacySession } from '../support/openLegacySession.js';
import { startGateway } from '../support/startGateway.js';
import { startGatewayProcess } from '../support/startGatewayProcess.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { startReceiver, type Receiver } from '../support/startReceiver.js';

type Line = Readonly<Record<string, unknown>>;

describe('where the audit trail goes', function () {
  this.timeout(60_000);
  let backend: McpBackend;
  let folder: string;
  let receiver: Receiver;
  before(async () => {
    backend = await startMcpBackend();
  });
  after(() => backend.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-audited-'));
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await receiver.close();
    await rm(folder, { recursive: true, force: true });
  });

  const audited = (audit: string, more = ''): string => {
    const spool = /(?:http|otlp): /.test(audit) ? `spool: '${folder}/spool', ` : '';
    return `  search: { url: 'http://127.0.0.1:${backend.port}/mcp' }\naudit: { ${spool}${audit} }\n${more}`;
  };
  const inFile = async (): Promise<readonly Line[]> =>
    (await readFile(join(folder, 'audit.ndjson'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  const file = (): string => `file: '${folder}/audit.ndjson'`;
  const kinds = (records: readonly Line[]): readonly unknown[] => records.map(({ kind }) => kind);

  it('writes of sessions and calls what the published schema says, with redacted arguments where wanted', async () => {
    const rules = 'redact: { rules: [{ name: mail, detect: [email], action: mask }] }';
    const gateway = await startGateway(audited(`arguments: true, ${file()}`, rules));
    await modernCall(gateway.port, 'search_echo', { text: 'to ann@example.com' });
    await modernCall(gateway.port, 'search_nothing', { text: 7 });
    await modernCall(gateway.port, 'search_echo', { text: 'x'.repeat(20_000) });
    const session = await openLegacySession(gateway.port);
    await session.end();
    await gateway.close();
    const records = await inFile();
    records.forEach(assertAuditRecord);
    const calls = records.filter(({ method }) => method === 'tools/call');
    const [good = {}, bad = {}, large = {}] = calls;
    assert.doesNotMatch(JSON.stringify(good), /ann@/);
    assert.match(JSON.stringify(good['arguments']), /to /);
    assert.deepEqual([bad['arguments'], bad['error']], [undefined, 'ERR_TOOL_UNKNOWN']);
    assert.ok(((large['arguments'] as Line)['too_large'] as number) > 20_000);
    assert.ok((good['stages'] as readonly Line[]).some(({ name }) => name === 'resolveTool'));
    const opened =
      records.find(({ kind }) => kind === 'session_opened') ?? assert.fail(String(kinds(records)));
    const closed =
      records.find(({ kind }) => kind === 'session_closed') ?? assert.fail(String(kinds(records)));
    const begun = records.find(({ method }) => method === 'initialize') ?? assert.fail();
    assert.equal(opened['session'], begun['session']);
    assert.equal(closed['session'], opened['session']);
    assert.ok((closed['lived_ms'] as number) >= 0);
  });

  it('sends the same to a file, by HTTP in OCSF and by OTLP, each with its own credentials', async () => {
    const collector = await startReceiver();
    await writeFile(join(folder, 'token'), 'from-a-file\n');
    const gateway = await startGateway(
      audited(
        `${file()}, http: { url: '${receiver.url}/in', format: ocsf, headers: { x-api-key: k1 } }, ` +
          `otlp: { url: '${collector.url}/v1/logs', header_files: { authorization: '${folder}/token' } }`,
      ),
    );
    await modernCall(gateway.port, 'search_echo', { text: 'hello' });
    const metrics = async () => (await fetch(`${gateway.adminUrl}/metrics`)).text();
    await eventually(
      10_000,
      'both batches',
      () => receiver.batches.length > 0 && collector.batches.length > 0,
    );
    await eventually(10_000, 'the count', async () =>
      /^mcp_gateway_audit_batches_total\{sink="http",result="sent"\} [1-9]/m.test(await metrics()),
    );
    assert.match(await metrics(), /^mcp_gateway_audit_records_total\{sink="otlp"\} 2$/m);
    await gateway.close();
    assert.deepEqual(kinds(await inFile()), ['started', 'call', 'stopped']);
    assert.deepEqual(
      receiver.records().map((event) => event['class_uid']),
      [6002, 6003, 6002],
    );
    assert.equal(receiver.batches[0]?.headers['x-api-key'], 'k1');
    const [{ headers, body } = assert.fail()] = collector.batches;
    assert.equal(headers.authorization, 'from-a-file');
    assert.match(body, /"eventName":"sluice\.audit\.started"/);
    await collector.close();
  });

  it('delivers after a kill -9 what the receiver that was away has not seen', async () => {
    receiver.answer((response) => response.writeHead(503).end());
    const yaml = audited(`http: { url: '${receiver.url}' }`);
    const first = await startGatewayProcess(yaml);
    for (let call = 0; call < 5; call++) await modernCall(first.port, 'search_echo', { text: String(call) });
    const spool = join(folder, 'spool', 'http');
    const spooled = async () => {
      const batches = (await readdir(spool)).filter((name) => name.endsWith('.ndjson'));
      const texts = await Promise.all(batches.map((name) => readFile(join(spool, name), 'utf8')));
      return texts.join('').trim().split('\n').length;
    };
    await eventually(10_000, 'six records on disk', async () => (await spooled()) === 6);
    await first.kill();
    receiver.answer();
    const second = await startGatewayProcess(yaml);
    await eventually(20_000, 'all of them', () => receiver.records().length >= 7);
    assert.deepEqual(kinds(receiver.records()), [
      'started',
      ...Array.from({ length: 5 }, () => 'call'),
      'started',
    ]);
    receiver.records().forEach(assertAuditRecord);
    await second.kill();
  });

  it('holds calls back rather than lose a record, where that is wanted, and refuses none that is not recorded', async () => {
    receiver.answer((response) => response.writeHead(503).end());
    const gateway = await startGateway(
      audited(`on_overload: wait, max_spool: 8KiB, http: { url: '${receiver.url}' }`),
    );
    const call = () => modernCall(gateway.port, 'search_echo', { text: 'hello' });
    let answered = 0;
    const running = Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let index = 0; index < 10; index++) {
          await call();
          answered++;
        }
      }),
    );
    const spool = async () =>
      Number(
        /^mcp_gateway_audit_waiting_bytes\{sink="http"\} (\d+)$/m.exec(
          await (await fetch(`${gateway.adminUrl}/metrics`)).text(),
        )?.[1],
      );
    await eventually(10_000, 'a full spool', async () => (await spool()) > 6 * 1024);
    assert.ok(answered < 40, `${answered} were answered`);
    receiver.answer();
    await running;
    await gateway.close();
    const calls = receiver.records().filter(({ kind }) => kind === 'call');
    assert.equal(calls.length, 40);
    assert.deepEqual(
      receiver.records().filter(({ kind }) => kind === 'dropped'),
      [],
    );
  });

  it('drops and says how many, where calls are not to wait', async () => {
    receiver.answer((response) => response.writeHead(503).end());
    const gateway = await startGateway(audited(`max_spool: 4KiB, http: { url: '${receiver.url}' }`));
    for (let call = 0; call < 20; call++) await modernCall(gateway.port, 'search_echo', { text: 'hello' });
    receiver.answer();
    await eventually(20_000, 'what was kept', () => receiver.records().length > 3);
    await modernCall(gateway.port, 'search_echo', { text: 'hello' });
    await gateway.close();
    const records = receiver.records();
    const dropped = records.filter(({ kind }) => kind === 'dropped').map(({ count }) => count as number);
    const calls = records.filter(({ kind }) => kind === 'call').length;
    assert.equal(dropped.length, 1);
    assert.equal(calls + (dropped[0] ?? 0), 21);
  });

  it('is refused when it goes nowhere, and where what is said of it is about nothing', async () => {
    for (const [audit, message] of [
      ['arguments: true', /The audit trail goes nowhere/],
      ['stdout: true, max_size: 1MiB', /about a file/],
      ['stdout: true, spool: x', /about receivers/],
    ] as const)
      await assert.rejects(
        startGateway(`  s: { url: 'http://127.0.0.1:1/mcp' }\naudit: { ${audit} }`),
        message,
      );
  });
});
