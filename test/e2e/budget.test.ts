import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import assert from 'node:assert/strict';
import { budget } from '../../src/operators/budget.js';
import { chain } from '../../src/streams/chain.js';
import { named } from '../../src/streams/named.js';
import type { AssembleCalls } from '../../src/streams/ownPipeline.js';
import { ask } from '../support/ask.js';
import { responseOf } from '../support/messagesOf.js';
import { modernRequest } from '../support/modern.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';

/** Two calls a session or conversation. */
const calls: AssembleCalls = (stock, context) =>
  chain(
    stock.resolveTool,
    stock.validateArguments,
    stock.authorize,
    stock.redactArguments,
    stock.openState,
    named('budget', budget(stock.send, { ...context, calls: 2, tokens: 5000 })),
  );

describe('A budget', function () {
  this.timeout(10_000);
  let backend: McpBackend;
  let gateway: RunningGateway;
  before(async () => {
    backend = await startMcpBackend();
    gateway = await startGateway(`  s: { url: '${backend.url}' }`, { pipeline: { calls } });
  });
  after(async () => {
    await gateway.close();
    await backend.close();
  });

  const session = async (): Promise<Client> => {
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(new URL(gateway.url)));
    return client;
  };

  it('is told in results, and refuses what goes beyond it, for each session of the official client', async () => {
    const [one, other] = await Promise.all([session(), session()]);
    const call = async (client: Client): Promise<unknown> => {
      const { _meta } = await client.callTool({ name: 's_echo', arguments: { word: 'hello' } });
      return (_meta?.['io.sluice/budget'] as { budget: { calls: { left: number } } }).budget.calls.left;
    };
    assert.deepEqual([await call(one), await call(one)], [1, 0]);
    await assert.rejects(call(one), /The calls of this session are used up \(budget\.calls: 2\)/);
    assert.equal(await call(other), 1);
    await Promise.all([one.close(), other.close()]);
  });

  it('is the caller’s in the 2026 era: 429 with the limit in the data, and headers that say when', async () => {
    const call = modernRequest('tools/call', { name: 's_large', arguments: { bytes: 40_000 } });
    const first = await ask(gateway.port, call);
    assert.match(first.headers['ratelimit'] ?? '', /"budget.calls";r=1;t=604800/);
    const { _meta } = responseOf(first).result ?? {};
    const { tokens } = (_meta as { 'io.sluice/budget': { budget: { tokens: { left: number } } } })[
      'io.sluice/budget'
    ].budget;
    assert.equal(tokens.left, 0);
    const second = await ask(gateway.port, call);
    assert.equal(second.status, 429);
    assert.equal(second.headers['retry-after'], '604800');
    const { data } = responseOf(second).error ?? {};
    assert.deepEqual(data, {
      limit: 'budget.tokens',
      max: 5000,
      of: 'principal',
      remaining: 0,
      retryAfterMs: 604_800_000,
    });
  });
});
