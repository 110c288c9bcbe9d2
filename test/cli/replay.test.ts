import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BehaviorSubject } from 'rxjs';
import { run } from '../../src/cli/run.js';
import { loadSettings } from '../../src/config/load.js';
import { createGateway } from '../../src/gateway.js';
import type { Gateway } from '../../src/gateway/gateway.js';
import type { ReplayReport } from '../../src/replay/report.js';
import { latest } from '../../src/streams/latest.js';
import { silent } from '../../src/streams/log.js';
import { fakeTerminal } from './fakeTerminal.js';

const path = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const recording = path('examples/replay/orders.ndjson');

describe('cli/replay, of the recording in examples/replay', function () {
  this.timeout(60_000);
  let cwd: string;
  let orders: ChildProcess;
  let gateway: Gateway;
  let to: string;

  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'sluice-replay-'));
    orders = fork(path('examples/quickstart/orders.mjs'), {
      env: { ...process.env, PORT: '0', ORDERS_ROW_MS: '1' },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const [printed] = (await once(orders.stdout!, 'data')) as [Buffer];
    const [ordersUrl = ''] = /http:\/\/\S+/.exec(printed.toString()) ?? [];
    const file = path('examples/replay/gateway.yaml');
    const settings = loadSettings(await readFile(file, 'utf8'), {
      file,
      env: { ORDERS_URL: ordersUrl },
      baseDir: path('examples/replay'),
    });
    const free = {
      ...settings,
      listen: { ...settings.listen, port: 0 },
      admin: { ...settings.admin, port: 0 },
    };
    gateway = createGateway(latest(new BehaviorSubject(free), free), { log: silent, version: '0.0.0-test' });
    to = (await gateway.listen()).url;
    await gateway.ready();
  });
  after(async () => {
    await gateway.close();
    orders.kill();
    await rm(cwd, { recursive: true });
  });

  const replay = async (...args: string[]) => {
    const terminal = fakeTerminal({ cwd });
    const code = await run(['replay', ...args, '--to', to], terminal);
    return { code, out: terminal.out, err: terminal.err };
  };
  const written = (name: string): Promise<string> => readFile(join(cwd, name), 'utf8');

  it('says that all is as recorded, and writes reports', async () => {
    const { code, out, err } = await replay(
      recording,
      ...['--rate', 'max', '--json', 'a.json', '--junit', 'a.xml', '--html', 'a.html'],
    );
    assert.equal(code, 0, out + err);
    assert.match(out, /^17 calls in .*: 17 as recorded, 0 different, 0 failed$/m);
    const report = JSON.parse(await written('a.json')) as ReplayReport;
    assert.deepEqual([report.calls, report.matched, report.rate], [17, 17, 'max']);
    assert.ok(report.latency_ms.p50 > 0 && report.latency_ms.p50 <= report.latency_ms.max);
    assert.match(await written('a.xml'), /<testsuite [^>]*tests="9" failures="0"/);
    const page = await written('a.html');
    assert.match(page, /as recorded/);
    assert.equal(page.match(/<svg /g)?.length, 3);
    assert.doesNotMatch(page, /https?:\/\/(?!127\.0\.0\.1)|<script|src=/);
  });

  it('says what differs, for people and for machines, and ends with 1', async () => {
    const changed = (await readFile(recording, 'utf8')).replaceAll('Ada Lovelace', 'Ada King');
    await writeFile(join(cwd, 'changed.ndjson'), changed);
    const { code, out, err } = await replay(
      'changed.ndjson',
      ...['--rate', 'max', '--junit', 'b.xml', '--json', 'b.json', '--html', 'b.html'],
    );
    assert.equal(code, 1);
    assert.match(out, /orders_get +\/result\/\S+ +\d+ +.*Ada King.* +.*Ada Lovelace/);
    assert.match(err, /calls were not answered as recorded/);
    assert.match(
      await written('b.xml'),
      /<failure message="1 of 5 calls were answered otherwise">[^<]*Ada King/,
    );
    assert.match(await written('b.html'), /Ada King/);
    const ignored = await replay(
      'changed.ndjson',
      '--rate',
      'max',
      '--ignore',
      '$.result.content',
      '--ignore',
      '/result/structuredContent',
      '--ignore',
      '$.notifications',
    );
    assert.equal(ignored.code, 0, ignored.out);
  });

  it('compares latency with a baseline', async () => {
    await replay(recording, '--rate', 'max', '--loop', '2', '--json', 'now.json');
    const before = JSON.parse(await written('now.json')) as ReplayReport;
    const latency = { mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 };
    await writeFile(join(cwd, 'fast.json'), JSON.stringify({ ...before, by_name: [], latency_ms: latency }));
    const { code, out, err } = await replay(
      recording,
      '--rate',
      'max',
      '--loop',
      '2',
      '--baseline',
      'fast.json',
    );
    assert.equal(code, 1, out);
    assert.match(out, /^slower: all calls p50 0 → [\d.]+ ms$/m);
    assert.match(err, /slower than the baseline/);
    const again = await replay(recording, '--rate', 'max', '--baseline', 'now.json', '--tolerance', '9900%');
    assert.equal(again.code, 0, again.out);
  });

  it('makes calls that nobody has recorded', async () => {
    const { code, out } = await replay(
      ...['--profile', 'ramp', '--per-second', '60', '--duration', '1s', '--rate', 'max'],
      ...['--call', 'orders_get={"id":"1001"}', '--json', 'c.json'],
    );
    assert.equal(code, 0, out);
    const { calls, matched, by_name: names } = JSON.parse(await written('c.json')) as ReplayReport;
    assert.ok(calls > 10 && calls < 60, `${calls} calls`);
    assert.equal(matched, calls);
    assert.deepEqual(
      names.map(({ name }) => name),
      ['orders_get'],
    );
  });

  it('replays what a browser has noted, and what the MCP Inspector exports', async () => {
    const ask = (id: number) => ({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { name: 'orders_get', arguments: { id: '1001' } },
    });
    const lines = (await readFile(recording, 'utf8')).split('\n');
    const answered =
      lines.find(
        (line) => line.includes('"answer"') && line.includes('Ada Lovelace') && !line.includes('Turing'),
      ) ?? '{}';
    const { result } = JSON.parse(answered) as { readonly result: object };
    const response = { jsonrpc: '2.0', id: 7, result };
    const entry = (status: number, body: unknown, mimeType: string, text: string) => ({
      startedDateTime: '2026-11-01T10:00:00.000Z',
      time: 12,
      request: {
        method: 'POST',
        headers: [
          { name: 'Mcp-Session-Id', value: 'one' },
          { name: 'MCP-Protocol-Version', value: '2025-06-18' },
        ],
        postData: { text: JSON.stringify(body) },
      },
      response: { status, headers: [], content: { mimeType, text } },
    });
    const har = {
      log: {
        version: '1.2',
        entries: [
          entry(200, ask(7), 'application/json', JSON.stringify(response)),
          entry(200, ask(7), 'text/event-stream', `event: message\ndata: ${JSON.stringify(response)}\n\n`),
          { ...entry(200, undefined, 'text/html', '<p>'), request: { method: 'GET', headers: [] } },
        ],
      },
    };
    await writeFile(join(cwd, 'some.har'), JSON.stringify(har));
    const history = [
      {
        id: 'a',
        timestamp: '2026-11-01T10:00:00.000Z',
        direction: 'request',
        origin: 'client',
        message: ask(7),
        response,
        duration: 5,
      },
      {
        id: 'b',
        timestamp: '2026-11-01T10:00:01.000Z',
        direction: 'request',
        origin: 'server',
        message: { jsonrpc: '2.0', id: 1, method: 'ping' },
      },
    ];
    await writeFile(join(cwd, 'history.json'), JSON.stringify(history));
    const network = [
      {
        id: 'a',
        timestamp: '2026-11-01T10:00:00.000Z',
        method: 'POST',
        url: 'http://a/mcp',
        category: 'transport',
        requestHeaders: { 'Mcp-Session-Id': 'x', 'mcp-protocol-version': '2025-06-18' },
        requestBody: JSON.stringify(ask(7)),
        responseStatus: 200,
        responseHeaders: { 'Content-Type': 'application/json' },
        responseBody: JSON.stringify(response),
      },
    ];
    await writeFile(join(cwd, 'network.json'), JSON.stringify(network));
    for (const [file, calls] of [
      ['some.har', 2],
      ['history.json', 1],
      ['network.json', 1],
    ] as const) {
      const { code, out, err } = await replay(file, '--rate', 'max');
      assert.equal(code, 0, `${file}: ${out}${err}`);
      assert.match(out, new RegExp(`^${calls} calls in .*: ${calls} as recorded`, 'm'), file);
    }
  });

  it('says what is wrong with what it is told', async () => {
    await writeFile(join(cwd, 'none.ndjson'), '{"kind":"call"}\n');
    await writeFile(join(cwd, 'later.ndjson'), '{"kind":"recording","version":2}\n');
    await writeFile(join(cwd, 'odd.json'), '[1]');
    for (const [args, code, expected] of [
      [[], 2, /Name what to replay/],
      [['nowhere'], 1, /There is no recording .*nowhere/],
      [['none.ndjson'], 1, /is no recording: it does not begin with a header/],
      [['later.ndjson'], 1, /is of version 2; this release reads 1/],
      [['odd.json'], 1, /neither a HAR file nor an export/],
      [[recording, '--rate', 'fast'], 2, /`1x`.*`max`/],
      [[recording, '--ignore', '$['], 1, /is no path into an answer/],
      [[recording, '--baseline', 'odd.json'], 1, /is no report of a replay/],
    ] as const) {
      const { code: ended, err } = await replay(...args);
      assert.match(err, expected);
      assert.equal(ended, code, err);
    }
  });
});
