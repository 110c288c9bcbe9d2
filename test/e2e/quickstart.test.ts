import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { eventually } from '../support/eventually.js';

const path = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const main = path('dist/main.js');
const start = path('examples/quickstart/start.mjs');
const run = promisify(execFile);

interface Quickstart {
  readonly child: ChildProcess;
  readonly url: string;
  /** All that has been printed, both streams. */
  printed(): string;
}

const startQuickstart = async (): Promise<Quickstart> => {
  const env = { ...process.env, PORT: '0', ADMIN_PORT: '0' };
  const child = spawn(process.execPath, [start], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (printed = (printed + chunk).slice(-100_000)));
  const ended = once(child, 'exit').then(() => true);
  while (!/ -d '.*'\n/.test(printed)) {
    const news = Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), ended]);
    if ((await news) === true) throw new Error(`the quickstart ended:\n${printed}`);
  }
  const url = /MCP endpoint\s+(\S+)/.exec(printed)?.[1];
  assert.ok(url !== undefined, printed);
  return { child, url, printed: () => printed };
};

/** Whether the endpoint still takes connections. */
const listens = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

describe('the quickstart', function () {
  this.timeout(30_000);

  /** One tool of each kind of server. */
  const calls: [string, Record<string, unknown>, RegExp][] = [
    ['orders_get', { id: '1001' }, /Ada Lovelace/],
    ['everything_echo', { message: 'through the gate' }, /through the gate/],
    ['files_read_text_file', { path: 'shopping-list.txt' }, /oranges/],
  ];

  let quickstart: Quickstart;
  before(async () => {
    quickstart = await startQuickstart();
  });
  after(() => quickstart.child.kill('SIGKILL'));

  const sluice = (...args: string[]) => run(process.execPath, [main, ...args, '--url', quickstart.url]);

  it('prints a curl that works', async () => {
    const [, command = ''] = /(^ *curl (?:.*\\\n)*.*\n)/m.exec(quickstart.printed()) ?? [];
    const { stdout } = await run('sh', ['-c', command]);
    assert.match(stdout, /Ada Lovelace/);
    assert.match(stdout, /"result"/);
  });

  it('lists tools of all three servers', async () => {
    const { stdout } = await sluice('tools');
    for (const [name] of calls) assert.match(stdout, new RegExp(`^${name} `, 'm'));
  });

  for (const [name, args, expected] of calls)
    it(`calls ${name} from the command line`, async () => {
      assert.match((await sluice('call', name, JSON.stringify(args))).stdout, expected);
    });

  it('shows progress as it happens: the first row long before the result', async () => {
    const child = spawn(process.execPath, [main, 'call', 'orders_export', '--json', '--url', quickstart.url]);
    const arrivals: [string, number][] = [];
    for await (const line of createInterface({ input: child.stdout }))
      arrivals.push([(JSON.parse(line) as { type: string }).type, performance.now()]);
    const [first, last] = [arrivals[0], arrivals.at(-1)];
    assert.deepEqual([arrivals.length, first?.[0], last?.[0]], [9, 'progress', 'result']);
    // Eight rows, 200 ms apart.
    assert.ok((last?.[1] ?? 0) - (first?.[1] ?? 0) > 1000);
  });

  it('ends quietly when its reader has seen enough', async () => {
    const command = `'${process.execPath}' '${main}' tools --json --url '${quickstart.url}' | head -n 1`;
    const { stdout, stderr } = await run('bash', ['-c', `set -o pipefail; ${command}`]);
    assert.equal(stdout, '[\n');
    assert.equal(stderr, '');
  });

  it('serves the official client v1', async () => {
    const client = new ClientV1({ name: 'test', version: '1' });
    await client.connect(new TransportV1(new URL(quickstart.url)));
    for (const [name, args, expected] of calls)
      assert.match(JSON.stringify(await client.callTool({ name, arguments: args })), expected);
    await client.close();
  });

  for (const mode of ['auto', { pin: '2026-07-28' }] as const)
    it(`serves the official client v2, ${typeof mode === 'string' ? mode : 'pinned'}`, async () => {
      const client = new ClientV2({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
      await client.connect(new TransportV2(new URL(quickstart.url)));
      for (const [name, args, expected] of calls)
        assert.match(JSON.stringify(await client.callTool({ name, arguments: args })), expected);
      await client.close();
    });

  it('drains on SIGTERM: the call in flight finishes, then it exits with 0', async () => {
    const call = spawn(process.execPath, [main, 'call', 'orders_export', '--json', '--url', quickstart.url]);
    const [first] = (await once(call.stdout.setEncoding('utf8'), 'data')) as [string];
    assert.match(first, /progress/);
    const ended = once(quickstart.child, 'exit');
    quickstart.child.kill('SIGTERM');
    assert.deepEqual(await once(call, 'exit'), [0, null]);
    assert.deepEqual(await ended, [0, null]);
    assert.equal(await listens(quickstart.url), false);
  });
});

describe('the quickstart, in trouble', function () {
  this.timeout(30_000);

  it('takes its children along when it is killed', async () => {
    const { child, url } = await startQuickstart();
    child.kill('SIGKILL');
    await once(child, 'exit');
    await eventually(10_000, 'the end of the gateway', async () => !(await listens(url)));
  });

  it('says what to do when its port is taken', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const args = [start, '--port', String(port), '--admin-port', '0'];
    await assert.rejects(run(process.execPath, args), (error: Error & { code?: number; stderr?: string }) => {
      assert.equal(error.code, 1);
      assert.match(error.stderr ?? '', new RegExp(`Port ${port} is taken`));
      assert.match(error.stderr ?? '', /PORT=9000 npm start/);
      return true;
    });
    // The gateway itself says it, too.
    const config = path('examples/quickstart/gateway.yaml');
    const own = run(process.execPath, [main, 'start', '-c', config, ...args.slice(1)]);
    await assert.rejects(own, (error: Error & { code?: number; stderr?: string }) => {
      assert.equal(error.code, 1);
      assert.match(error.stderr ?? '', new RegExp(`127\\.0\\.0\\.1:${port}.*\\n.*--port`));
      assert.doesNotMatch(error.stderr ?? '', /\n\s+at /);
      return true;
    });
    blocker.close();
  });
});
