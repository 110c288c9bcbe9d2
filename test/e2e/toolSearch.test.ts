import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  startEverythingServer,
  type EverythingServer,
} from '../fixtures/everythingServer/startEverythingServer.js';
import { modernCall, modernRequest } from '../support/modern.js';
import { ask } from '../support/ask.js';
import { responseOf } from '../support/messagesOf.js';
import { commonTools, text } from '../support/mcpTools.js';
import { sdkClients, type SdkClient } from '../support/sdkClients.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';

interface Found {
  readonly tools: readonly { readonly name: string; readonly inputSchema: object }[];
  readonly total: number;
}

const many = Object.fromEntries(
  Array.from({ length: 300 }, (_none, index) => [`tool_${index}`, commonTools['echo'] ?? assert.fail()]),
);
const tools = { ...commonTools, ...many, delete_order: () => assert.fail('nobody may call it') };

describe('tool search', function () {
  this.timeout(20_000);
  const lines: Record<string, unknown>[] = [];
  const write = (fields: unknown): void => void lines.push(fields as Record<string, unknown>);
  let backend: McpBackend;
  let everything: EverythingServer;
  let gateway: RunningGateway;
  const clients: SdkClient[] = [];

  before(async () => {
    backend = await startMcpBackend({ tools });
    everything = await startEverythingServer({ era: 'dual' });
    gateway = await startGateway(
      `  big: { url: '${backend.url}', tools: { large: { rate_limit: 1/h } } }
  ev: { url: '${everything.url}' }
blocked_tools: [delete_*]
namespaces: { few: { servers: [ev], tool_search: { over: 1000 } } }
tool_search: { over: 20, results: 5, always: [big_echo] }`,
      {},
      { debug: write, info: write, warn: write, error: write },
    );
    for (const connect of Object.values(sdkClients)) clients.push(await connect(gateway.url));
  });
  after(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await gateway.close();
    await Promise.all([backend.close(), everything.close()]);
  });

  for (const era of ['legacy', 'modern'] as const)
    describe(`for a ${era} client`, () => {
      const client = (): SdkClient => clients.find((each) => each.era === era) ?? assert.fail();
      const search = async (query: string): Promise<Found> =>
        (await client().callTool('search_tools', { query })).structuredContent as Found;

      it('lists two tools, and those that are always listed', async () => {
        const names = (await client().listTools()).map(({ name }) => name);
        assert.deepEqual(names, ['big_echo', 'call_tool', 'search_tools']);
      });

      it('finds a tool and calls it, and calls it directly', async () => {
        const { tools: found, total } = await search('tool 123');
        assert.equal(found[0]?.name, 'big_tool_123');
        assert.deepEqual(found[0].inputSchema, { type: 'object' });
        assert.equal(found.length, 5);
        assert.ok(total > 300);
        const args = { name: found[0].name, arguments: { n: 1 } };
        assert.deepEqual((await client().callTool('call_tool', args)).content, text('{"n":1}')['content']);
        assert.deepEqual(
          (await client().callTool('big_tool_123', { n: 1 })).content,
          text('{"n":1}')['content'],
        );
        const logged = lines.filter(({ tool }) => tool === 'big_tool_123');
        assert.ok(logged.length >= 2 && logged.every(({ server }) => server === 'big'));
      });

      it('neither finds nor calls what is blocked', async () => {
        const { tools: found } = await search('delete order');
        assert.ok(found.every(({ name }) => !name.includes('delete')));
        await assert.rejects(
          client().callTool('call_tool', { name: 'big_delete_order' }),
          /big_delete_order/,
        );
      });

      it('checks the arguments of the tool that is meant', async () => {
        const call = await client().callTool('call_tool', {
          name: 'ev_test_elicitation',
          arguments: { message: 7 },
        });
        assert.equal(call.isError, true);
        assert.match(call.content[0]?.text ?? '', /Invalid arguments: .*message/);
      });
    });

  it('refuses a question of a megabyte as a tool does', async () => {
    const { result } = await modernCall(gateway.port, 'search_tools', { query: 'a '.repeat(500_000) });
    assert.equal(result?.isError, true);
    assert.match(result.content?.[0]?.text ?? '', /query must be a text of 1 to 1000 characters/);
  });

  it('counts against the limits of the tool that is meant', async () => {
    const call = async () => {
      const args = { name: 'big_large', arguments: { bytes: 1 } };
      return (await modernCall(gateway.port, 'call_tool', args)).error?.code;
    };
    assert.deepEqual([await call(), await call()], [undefined, 4029]);
  });

  it('says how much is not listed, and the list of a namespace is as that says', async () => {
    const list = async (url: string) =>
      responseOf(await ask(gateway.port, { ...modernRequest('tools/list'), path: new URL(url).pathname }));
    const whole = await list(gateway.url);
    const meta = whole.result?._meta?.['io.sluice/tool_search'] as Record<string, number>;
    assert.ok((meta['tools_not_listed'] ?? 0) > 300);
    assert.ok((meta['tokens_saved'] ?? 0) > 3000);
    const few = await list(`${gateway.url}/few`);
    assert.ok((few.result?.['tools'] as readonly unknown[]).length > 5);
    assert.equal(few.result?._meta?.['io.sluice/tool_search'], undefined);
  });

  it('streams, asks and tells of changes through the call tool', async () => {
    const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, () => ({
      action: 'accept',
      content: { username: 'ann', email: 'a@b.cc' },
    }));
    const changed = new EventTarget();
    client.setNotificationHandler(
      ToolListChangedNotificationSchema,
      () => void changed.dispatchEvent(new Event('changed')),
    );
    await client.connect(new StreamableHTTPClientTransport(new URL(gateway.url)));
    const progress: number[] = [];
    const call = async (name: string, args = {}) =>
      client.callTool({ name: 'call_tool', arguments: { name, arguments: args } }, undefined, {
        onprogress: ({ progress: at }) => void progress.push(at),
      });
    await call('ev_test_tool_with_progress');
    assert.ok(progress.length > 1);
    assert.match(JSON.stringify(await call('ev_test_elicitation', { message: 'who?' })), /ann/);
    const heard = once(changed, 'changed');
    await call('ev_test_trigger_tool_change');
    await heard;
    await client.close();
  });
});
