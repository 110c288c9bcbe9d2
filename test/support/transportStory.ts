import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import assert from 'node:assert/strict';
import {
  startEverythingServer,
  type EverythingServer,
} from '../fixtures/everythingServer/startEverythingServer.js';
import { eventually } from './eventually.js';
import { startMcpBackend, type McpBackend } from './startMcpBackend.js';
import { within } from './within.js';

/** From a client's word to the backend's knowledge, milliseconds. */
const promised = 100;

/** What a transport's story is told with. */
export interface Stage {
  readonly backend: McpBackend;
  /** The servers of the gateway, as YAML: `back` (ours, modern) and `every` (the official SDK's, dual-era). */
  readonly servers: string;
  close(): Promise<void>;
}

export const startStage = async (): Promise<Stage> => {
  const backend = await startMcpBackend({ era: 'modern' });
  const every: EverythingServer = await startEverythingServer();
  return {
    backend,
    servers: `  back: { url: "${backend.url}" }\n  every: { url: "${every.url}" }`,
    async close() {
      await backend.close();
      await every.close();
    },
  };
};

interface Story {
  readonly stage: () => Stage;
  /** A new transport to the running gateway. */
  readonly transport: () => Transport;
  /** The gateway's own counts. */
  readonly counts: () => Promise<Record<'calls' | 'streams' | 'sessions', number>>;
  /** Whether what stands between may wait for answers after its client has left. */
  readonly lingers?: boolean;
}

/** What every transport must give an official client of the 2025 era: one `it` each. */
export const transportStory = ({ stage, transport, counts, lingers = false }: Story): void => {
  const clients: Client[] = [];
  const connect = async (): Promise<Client> => {
    const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } });
    clients.push(client);
    await within(5000, 'the connection', client.connect(transport()));
    return client;
  };
  const idle = async (): Promise<void> => {
    await eventually(8000, 'nothing left', async () => {
      const { calls, streams, sessions } = await counts();
      return calls + streams + sessions === 0;
    });
  };
  afterEach(async () => {
    // A test that fails leaves its own open.
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await idle();
  });

  it('lists and calls', async () => {
    const client = await connect();
    const { tools } = await client.listTools();
    assert.ok(tools.some(({ name }) => name === 'back_echo'));
    const answer = await client.callTool({ name: 'back_echo', arguments: { n: 1 } });
    assert.deepEqual(answer.content, [{ type: 'text', text: '{"n":1}' }]);
    const open = await counts();
    assert.deepEqual([open.sessions, open.streams], [1, 1]);
    await client.close();
  });

  it('answers many calls at once, each with its own', async () => {
    const client = await connect();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => client.callTool({ name: 'back_echo', arguments: { n } })),
    );
    for (const [n, answer] of answers.entries())
      assert.deepEqual(answer.content, [{ type: 'text', text: `{"n":${n}}` }]);
    await client.close();
  });

  it('brings progress as it happens', async () => {
    const client = await connect();
    const seen: number[] = [];
    const answered = client.callTool({ name: 'back_hang', arguments: {} }, undefined, {
      onprogress: ({ progress }) => void seen.push(progress),
    });
    const call = await stage().backend.nextCall('hang');
    const { progressToken } = call.meta;
    for (const progress of [1, 2]) {
      call.notify('notifications/progress', { progressToken, progress });
      await eventually(8000, `progress ${progress}`, () => seen.length === progress);
    }
    call.reply({ content: [{ type: 'text', text: 'done' }] });
    assert.deepEqual((await answered).content, [{ type: 'text', text: 'done' }]);
    assert.deepEqual(seen, [1, 2]);
    await client.close();
  });

  it(`tells the backend of notifications/cancelled within ${promised} ms`, async function () {
    this.retries(2);
    const client = await connect();
    const leaving = new AbortController();
    const refused = assert.rejects(
      client.callTool({ name: 'back_hang', arguments: {} }, undefined, { signal: leaving.signal }),
    );
    const call = await stage().backend.nextCall('hang');
    const saidAt = performance.now();
    leaving.abort('test');
    const ms = (await within(8000, 'the cancellation', call.abandoned)) - saidAt;
    assert.ok(ms < promised, `it took ${ms} ms`);
    await refused;
    // The connection lives on.
    await client.ping();
    await client.close();
  });

  it(`cancels everything${lingers ? '' : ` within ${promised} ms`} when the connection ends`, async function () {
    this.retries(2);
    const client = await connect();
    const calls = [1, 2].map(() => client.callTool({ name: 'back_hang', arguments: {} }));
    const failed = Promise.allSettled(calls);
    const seen = [await stage().backend.nextCall('hang'), await stage().backend.nextCall('hang')];
    const leftAt = performance.now();
    const ended = Promise.all(seen.map(({ abandoned }) => within(10_000, 'the cancellation', abandoned)));
    await client.close();
    for (const at of await ended) assert.ok(lingers || at - leftAt < promised, `it took ${at - leftAt} ms`);
    await failed;
  });

  it('asks the client, and gives the backend its answer', async () => {
    const client = await connect();
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      assert.equal(typeof params.message, 'string');
      return { action: 'accept', content: { username: 'ada', email: 'ada@example.org' } };
    });
    const answer = await client.callTool({
      name: 'every_test_elicitation',
      arguments: { message: 'who are you?' },
    });
    assert.match(JSON.stringify(answer.content), /accept.*ada/);
    await client.close();
  });
};
