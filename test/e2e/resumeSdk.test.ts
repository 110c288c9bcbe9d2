import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CallToolResultSchema,
  ElicitRequestSchema,
  type ElicitResult,
} from '@modelcontextprotocol/sdk/types.js';
import { cuttingProxy, type CuttingProxy } from '../support/cuttingProxy.js';
import { eventually } from '../support/eventually.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { text, type ToolCall } from '../support/mcpTools.js';
import { within } from '../support/within.js';

/** How the official client comes back: soon, and not for ever. */
const reconnectionOptions = {
  initialReconnectionDelay: 20,
  maxReconnectionDelay: 100,
  reconnectionDelayGrowFactor: 1.5,
  maxRetries: 10,
};

describe('The official client of the 2025 era, whose connections are cut', () => {
  let backend: McpBackend;
  let gateway: RunningGateway;
  let proxy: CuttingProxy;
  let client: Client;
  let transport: StreamableHTTPClientTransport;
  let asked: unknown[];

  before(async () => {
    backend = await startMcpBackend({ era: 'legacy' });
    gateway = await startGateway(`  back: { url: "${backend.url}" }`);
    proxy = await cuttingProxy(gateway.port);
  });
  beforeEach(async () => {
    asked = [];
    client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, ({ params }): ElicitResult => {
      asked.push(params.message);
      return { action: 'accept', content: { yes: true } };
    });
    transport = new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${proxy.port}/mcp`), {
      reconnectionOptions,
    });
    await client.connect(transport);
  });
  afterEach(() => client.close());
  after(async () => {
    await proxy.close();
    await gateway.close();
    await backend.close();
  });

  /** A call that is under way, and what its client has been told. */
  const begin = async () => {
    const progress: number[] = [];
    const tokens: string[] = [];
    const result = client.request(
      { method: 'tools/call', params: { name: 'back_hang', arguments: {} } },
      CallToolResultSchema,
      {
        onprogress: (seen) => progress.push(seen.progress),
        onresumptiontoken: (token) => tokens.push(token),
      },
    );
    // It is awaited at the end of each test; a failure before that must not be an unhandled one.
    result.catch(() => undefined);
    return { progress, tokens, result, tool: await backend.nextCall('hang') };
  };
  const report = (tool: ToolCall, value: number): void => {
    tool.notify('notifications/progress', { progressToken: tool.meta['progressToken'], progress: value });
  };

  it('gets everything exactly once', async () => {
    const { tool, progress, tokens, result } = await begin();
    report(tool, 1);
    await eventually(5000, 'the beginning', () => progress.length === 1);
    const expected = [1];
    for (let value = 2; value <= 60; value++) {
      expected.push(value);
      report(tool, value);
      if (value % 10 === 0) proxy.cut();
      // Half of the cuts meet a client that has everything so far, half one that has not.
      if (value % 20 === 0) await eventually(5000, `progress ${value}`, () => progress.includes(value));
    }
    tool.reply(text('done'));
    const { content } = await within(5000, 'the answer', result);
    assert.deepEqual(content, [{ type: 'text', text: 'done' }]);
    assert.deepEqual(progress, expected);
    assert.equal(new Set(tokens).size, tokens.length, 'an event came twice');
  });

  it('gets the answer that came while it was away', async () => {
    const { tool, progress, result } = await begin();
    report(tool, 1);
    await eventually(5000, 'progress', () => progress.length === 1);
    proxy.cut();
    tool.reply(text('done'));
    const { content } = await within(5000, 'the answer', result);
    assert.deepEqual(content, [{ type: 'text', text: 'done' }]);
  });

  it('is asked once what a server asked while it was away, and its answer arrives', async () => {
    const { tool, progress, result } = await begin();
    report(tool, 1);
    await eventually(5000, 'progress', () => progress.length === 1);
    proxy.cut();
    const params = {
      message: 'Go on?',
      requestedSchema: { type: 'object', properties: { yes: { type: 'boolean' } } },
    };
    tool.response.write(
      `data: ${JSON.stringify({ jsonrpc: '2.0', id: 'q', method: 'elicitation/create', params })}\n\n`,
    );
    await eventually(5000, 'the question', () => asked.length > 0);
    tool.reply(text('done'));
    await within(5000, 'the answer', result);
    assert.deepEqual(asked, ['Go on?']);
  });

  it('goes on with a call of an earlier client by its token', async () => {
    const { tool, progress, tokens } = await begin();
    report(tool, 1);
    await eventually(5000, 'progress', () => progress.length === 1);
    const { sessionId, protocolVersion } = transport;
    assert.ok(sessionId !== undefined && protocolVersion !== undefined);
    await client.close();
    const next = new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${proxy.port}/mcp`), {
      sessionId,
    });
    client = new Client({ name: 'test', version: '1' });
    await client.connect(next);
    next.setProtocolVersion(protocolVersion);
    report(tool, 2);
    tool.reply(text('done'));
    const { content } = await client.request(
      { method: 'tools/call', params: { name: 'back_hang', arguments: {} } },
      CallToolResultSchema,
      {
        resumptionToken: tokens.at(-1) ?? '',
        timeout: 5000,
      },
    );
    assert.deepEqual(content, [{ type: 'text', text: 'done' }]);
  });
});
