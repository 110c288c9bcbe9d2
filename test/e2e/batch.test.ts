import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import assert from 'node:assert/strict';
import { batch } from '../../src/operators/batch.js';
import type { Params } from '../../src/protocol/jsonrpc.js';
import { chain } from '../../src/streams/chain.js';
import { named } from '../../src/streams/named.js';
import type { AssembleCalls } from '../../src/streams/ownPipeline.js';
import { text } from '../support/mcpTools.js';
import { modernCall } from '../support/modern.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';

/** Four calls are made as one; who waits, waits for them. */
const calls: AssembleCalls = (stock, context) =>
  chain(
    stock.resolveTool,
    stock.validateArguments,
    stock.authorize,
    stock.redactArguments,
    stock.openState,
    stock.sendThrough((send) =>
      named(
        'batch',
        batch(send, {
          ...context,
          tool: 'get_order',
          into: 'get_orders',
          combine: (all) => ({ ids: all.map(({ id }) => id) }),
          split: ({ structuredContent }, all) =>
            all.map(({ id }) => (structuredContent as Record<string, Params>)[String(id)]),
          size: 4,
          windowMs: 60_000,
        }),
      ),
    ),
  );

describe('Calls that are made as one', function () {
  this.timeout(10_000);
  let backend: McpBackend;
  let gateway: RunningGateway;
  before(async () => {
    backend = await startMcpBackend({
      tools: {
        get_order: (call) => call.reply(text('alone')),
        get_orders: (call) => {
          const ids = (call.arguments['ids'] as number[]).filter((id) => id > 0);
          call.reply({
            ...text(''),
            structuredContent: Object.fromEntries(ids.map((id) => [id, text(`order ${id}`)])),
          });
        },
      },
    });
    gateway = await startGateway(`  s: { url: '${backend.url}' }`, { pipeline: { calls } });
  });
  after(async () => {
    await gateway.close();
    await backend.close();
  });

  it('give each caller of either era its own answer, and one its own error', async () => {
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(new URL(gateway.url)));
    const legacy = async (id: number): Promise<unknown> =>
      (await client.callTool({ name: 's_get_order', arguments: { id } })).content;
    const modern = async (id: number): Promise<unknown> =>
      (await modernCall(gateway.port, 's_get_order', { id })).result?.content;
    const [one, two, three, none] = await Promise.allSettled([legacy(1), modern(2), legacy(3), legacy(-1)]);
    await client.close();
    assert.deepEqual(
      [one, two, three].map((settled) => settled.status === 'fulfilled' && settled.value),
      [1, 2, 3].map((id) => text(`order ${id}`)['content']),
    );
    assert.match(String(none.status === 'rejected' && none.reason), /no answer to this call among several/);
    assert.equal(backend.calls, 1);
  });
});
