import { Client as ModernClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import assert from 'node:assert/strict';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { metaKeys, metaOf } from '../../src/protocol/mcp.js';
import type { Params } from '../../src/protocol/jsonrpc.js';
import { startEverythingServer } from '../fixtures/everythingServer/startEverythingServer.js';
import { counts } from '../support/counts.js';
import { eventually } from '../support/eventually.js';
import { modernRequest } from '../support/modern.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startStage, transportStory, type Stage } from '../support/transportStory.js';
import { within } from '../support/within.js';

/** As built: compiling it anew for each process takes longer than all else here. */
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** One `sluice stdio` process, spoken to line by line. */
const startFront = (args: readonly string[]) => {
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [main, 'stdio', ...args]);
  const read = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (read.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (read.err += chunk.toString()));
  const exit = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const messages = (): Record<string, unknown>[] =>
    read.out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    child,
    exit: () => within(8000, 'the end of the process', exit),
    err: () => read.err,
    messages,
    send: (message: unknown) => child.stdin.write(`${JSON.stringify(message)}\n`),
    async answer(id: string | number): Promise<Record<string, unknown>> {
      await eventually(8000, `an answer to ${id}`, () => messages().some((message) => message['id'] === id));
      return messages().find((message) => message['id'] === id)!;
    },
  };
};

describe('sluice stdio', function () {
  this.timeout(30_000);
  let stage: Stage;
  let gateway: RunningGateway;
  let folder: string;
  let args: Readonly<Record<'bridged' | 'in process', readonly string[]>>;

  before(async () => {
    stage = await startStage();
    gateway = await startGateway(stage.servers);
    folder = await mkdtemp(join(tmpdir(), 'sluice-stdio-'));
    const config = join(folder, 'gateway.yaml');
    await writeFile(config, `drain_timeout: 2s\nservers:\n${stage.servers}\n`);
    args = { bridged: ['--url', gateway.url], 'in process': ['-c', config] };
  });
  after(async () => {
    await gateway.close();
    await stage.close();
    await rm(folder, { recursive: true });
  });

  describe('bridged to the official v1 client', () => {
    transportStory({
      stage: () => stage,
      transport: () =>
        new StdioClientTransport({
          command: process.execPath,
          args: [main, 'stdio', ...args.bridged],
          stderr: 'ignore',
        }),
      counts: () => counts(gateway.adminUrl),
      lingers: true,
    });
  });

  for (const way of ['bridged', 'in process'] as const)
    describe(way, () => {
      const command = () => ({
        command: process.execPath,
        args: [main, 'stdio', ...args[way]],
      });
      const call = (name: string) => modernRequest('tools/call', { name, arguments: { n: 7 } }).body;

      for (const mode of ['auto', 'legacy'] as const)
        it(`serves the official v2 client, ${mode}`, async () => {
          const client = new ModernClient(
            { name: 'test', version: '1' },
            { versionNegotiation: { mode }, capabilities: { elicitation: {} } },
          );
          client.setRequestHandler('elicitation/create', () => ({
            action: 'accept',
            content: { username: 'ada', email: 'ada@example.org' },
          }));
          await within(
            15_000,
            'the connection',
            client.connect(new ModernStdio({ ...command(), stderr: 'ignore' })),
          );
          const { tools } = await client.listTools();
          assert.ok(tools.some(({ name }) => name === 'back_echo'));
          const answer = await client.callTool({
            name: 'every_test_elicitation',
            arguments: { message: 'who are you?' },
          });
          assert.match(JSON.stringify(answer.content), /accept.*ada/);
          await client.close();
        });

      it('cancels a 2026-era call by notification, and sends no answer to it', async () => {
        const front = startFront(args[way]);
        const hang = call('back_hang');
        front.send(hang);
        const reached = await stage.backend.nextCall('hang', 10_000);
        const saidAt = performance.now();
        front.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: hang.id } });
        const ms = (await within(8000, 'the cancellation', reached.abandoned)) - saidAt;
        assert.ok(ms < 100, `it took ${ms} ms`);
        const echo = call('back_echo');
        front.send(echo);
        await front.answer(echo.id);
        assert.equal(front.messages().length, 1);
        front.child.stdin.end();
        assert.deepEqual(await front.exit(), [0, null]);
      });

      it('ends a listen stream that is cancelled, and tells nothing more of it', async () => {
        const server = await startEverythingServer();
        const own = await startGateway(`  ev: { url: '${server.url}' }`);
        const config = join(folder, 'listen.yaml');
        await writeFile(config, `servers:\n  ev: { url: '${server.url}' }\n`);
        const front = startFront(way === 'bridged' ? ['--url', own.url] : ['-c', config]);
        const listen = modernRequest('subscriptions/listen', {
          notifications: { toolsListChanged: true },
        }).body;
        const change = async (): Promise<void> => {
          const { body } = modernRequest('tools/call', {
            name: 'ev_test_trigger_tool_change',
            arguments: {},
          });
          front.send(body);
          await front.answer(body.id);
        };
        const told = (method: string) => front.messages().filter((message) => message['method'] === method);
        const changed = 'notifications/tools/list_changed';
        front.send(listen);
        await eventually(
          10_000,
          'the acknowledgement',
          () => told('notifications/subscriptions/acknowledged').length === 1,
        );
        await change();
        await eventually(8000, 'the news', () => told(changed).length === 1);
        front.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: listen.id } });
        // A second stream hears what the first would have heard.
        const second = modernRequest('subscriptions/listen', {
          notifications: { toolsListChanged: true },
        }).body;
        front.send(second);
        await eventually(
          8000,
          'the second acknowledgement',
          () => told('notifications/subscriptions/acknowledged').length === 2,
        );
        await change();
        await eventually(8000, 'the news again', () => told(changed).length > 1);
        const ids = told(changed).map(({ params }) => metaOf(params as Params)[metaKeys.subscriptionId]);
        assert.deepEqual(ids, [listen.id, second.id]);
        assert.ok(!front.messages().some(({ id }) => id === listen.id), 'a cancelled request was answered');
        front.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: second.id } });
        front.child.stdin.end();
        await front.exit();
        await own.close();
        await server.close();
      });

      it('answers what is in flight when stdin ends, then exits with 0, nothing else on stdout', async () => {
        const front = startFront(args[way]);
        const hang = call('back_hang');
        front.send(hang);
        const reached = await stage.backend.nextCall('hang', 10_000);
        front.child.stdin.end();
        reached.reply({ content: [{ type: 'text', text: 'late' }] });
        const answer = await front.answer(hang.id);
        assert.match(JSON.stringify(answer['result']), /late/);
        assert.deepEqual(await front.exit(), [0, null]);
        assert.equal(front.messages().length, 1);
      });

      it('does not wait for a listen stream when stdin ends', async () => {
        const front = startFront(args[way]);
        front.send(modernRequest('subscriptions/listen', { notifications: { toolsListChanged: true } }).body);
        await eventually(10_000, 'the acknowledgement', () =>
          front.messages().some(({ method }) => method === 'notifications/subscriptions/acknowledged'),
        );
        front.child.stdin.end();
        assert.deepEqual(await front.exit(), [0, null]);
      });

      it('refuses a message that is too large, and goes on', async () => {
        const front = startFront(args[way]);
        const large = modernRequest('tools/call', {
          name: 'back_echo',
          arguments: { pad: 'x'.repeat(5 * 1024 * 1024) },
        }).body;
        front.send(large);
        const echo = call('back_echo');
        front.send(echo);
        assert.ok((await front.answer(echo.id))['result']);
        const [refused] = front.messages();
        const { code, message } = refused!['error'] as { code: number; message: string };
        assert.equal(code, -32000);
        assert.match(message, /more than 4194304 bytes.*http\.max_body/);
        if (way === 'bridged') assert.equal(refused!['id'], large.id);
        front.child.stdin.end();
        assert.deepEqual(await front.exit(), [0, null]);
      });

      it('ends cleanly on SIGTERM', async () => {
        const front = startFront(args[way]);
        const echo = call('back_echo');
        front.send(echo);
        await front.answer(echo.id);
        front.child.kill('SIGTERM');
        assert.deepEqual(await front.exit(), [0, null]);
      });

      it('says what is wrong with a line that is no message, and goes on', async () => {
        const front = startFront(args[way]);
        front.child.stdin.write('{"jsonrpc":\n\n[]\n');
        const echo = call('back_echo');
        front.send(echo);
        await front.answer(echo.id);
        const codes = front
          .messages()
          .map((message) => (message['error'] as { code?: number } | undefined)?.code);
        assert.deepEqual(codes, [-32700, -32600, undefined]);
        front.child.stdin.end();
        await front.exit();
      });
    });

  it('answers open requests with an error when the gateway goes, and exits with 1', async () => {
    const other = await startGateway(stage.servers, { drainTimeoutMs: 0 });
    const front = startFront(['--url', other.url]);
    const hang = modernRequest('tools/call', { name: 'back_hang', arguments: {} }).body;
    front.send(hang);
    await stage.backend.nextCall('hang', 10_000);
    await other.close();
    const answer = await front.answer(hang.id);
    assert.equal((answer['error'] as { code: number }).code, -32603);
    assert.deepEqual(await front.exit(), [1, null]);
    assert.match(front.err(), /The gateway has ended the connection \(1001: the gateway is shutting down\)/);
  });

  it('explains what is wrong with an address', async () => {
    const nothing = startFront(['--url', 'http://127.0.0.1:1/mcp']);
    const elsewhere = startFront(['--url', stage.backend.url]);
    assert.deepEqual(await nothing.exit(), [1, null]);
    assert.match(nothing.err(), /Nothing answers at http:\/\/127\.0\.0\.1:1\/mcp/);
    assert.deepEqual(await elsewhere.exit(), [1, null]);
    assert.match(elsewhere.err(), /takes no WebSocket: it answered with status/);
  });

  it('takes either an address or a configuration', async () => {
    const both = startFront(['--url', gateway.url, '-c', 'gateway.yaml']);
    assert.deepEqual(await both.exit(), [2, null]);
    assert.match(both.err(), /choose one of them/);
  });
});
