import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import type { Tally } from '../../src/replay/tally.js';
import type { Received, ScriptedServer } from '../backends/mcp/scriptedServer.js';
import { faithfulServer, type Era } from '../e2e/fidelity/faithfulServer.js';
import { rawClient } from '../e2e/fidelity/rawClient.js';
import { openLegacySession } from '../support/openLegacySession.js';
import { ask } from '../support/ask.js';
import { responseOf } from '../support/messagesOf.js';
import { startMcpBackend } from '../support/startMcpBackend.js';
import { recordedTraffic, type RecordedTraffic } from './recordedTraffic.js';

// What browsers and newer Nodes have; the official transport looks for it there.
Object.assign(globalThis, { WebSocket });

const question = {
  mode: 'form',
  message: 'Who?',
  requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
};

/** Asks in the way of its era, and answers with what it was told. */
const asker = () => {
  let call: Received | undefined;
  return (request: Received, era: Era): boolean => {
    const { id, method, params, result } = request.body;
    const said = (answer: unknown) => ({
      resultType: 'complete',
      content: [{ type: 'text', text: JSON.stringify(answer) }],
    });
    if (method === undefined && id !== undefined && call !== undefined) {
      request.response.writeHead(202).end();
      call.event({ jsonrpc: '2.0', id: call.body.id, result: said(result) });
      call.response.end();
      return true;
    }
    if (params?.['name'] !== 'asks') return false;
    if (era === 'legacy') {
      call = request;
      request.event({ jsonrpc: '2.0', id: 4711, method: 'elicitation/create', params: question });
    } else if (params['inputResponses'] === undefined)
      request.result({
        resultType: 'input_required',
        inputRequests: { q: { method: 'elicitation/create', params: question } },
      });
    else request.result(said((params['inputResponses'] as { q: unknown }).q));
    return true;
  };
};

const allMatch = (tally: Tally): void => {
  assert.deepEqual([...tally.differences.values()], []);
  assert.deepEqual([...tally.warnings], []);
  assert.equal(tally.failed, 0);
};

describe('what is another text each time, replayed', function () {
  this.timeout(30_000);
  let recorded: RecordedTraffic | undefined;
  afterEach(async () => {
    await recorded?.close();
    recorded = undefined;
  });

  for (const era of ['legacy', 'modern'] as const)
    describe(`questions of a ${era} server`, () => {
      let server: ScriptedServer;
      before(async () => (server = await faithfulServer(era, asker())));
      after(() => server.close());
      const servers = (): string => `  it: { url: '${server.url}', protocol: ${era} }`;

      for (const [name, transport] of [
        ['HTTP', (url: string) => new StreamableHTTPClientTransport(new URL(url))],
        ['a WebSocket', (url: string) => new WebSocketClientTransport(new URL(url.replace('http', 'ws')))],
      ] as const)
        it(`to a legacy client on ${name} are answered as they were`, async () => {
          recorded = await recordedTraffic(servers(), async ({ url }) => {
            const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } });
            client.fallbackRequestHandler = () =>
              Promise.resolve({ action: 'accept', content: { name: 'Ada' } });
            await client.connect(transport(url));
            const { content } = await client.callTool({ name: 'it_asks', arguments: {} });
            assert.match(JSON.stringify(content), /Ada/);
            await client.close();
          });
          for (const rate of [1, Infinity]) {
            const tally = await recorded.replay({ rate });
            allMatch(tally);
            assert.equal(tally.byName.get('it_asks')?.matched, 1);
          }
        });

      it('to a modern client are answered as they were, with the state of now', async () => {
        recorded = await recordedTraffic(servers(), async ({ port }) => {
          const client = await rawClient('modern', port);
          const can = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } };
          const first = await client.send('tools/call', { name: 'it_asks', arguments: {} }, can);
          const { inputRequests = {}, requestState } = (first.answer.result ?? {}) as {
            readonly inputRequests?: Readonly<Record<string, unknown>>;
            readonly requestState?: string;
          };
          const [key = ''] = Object.keys(inputRequests);
          const retry = {
            inputResponses: { [key]: { action: 'accept', content: { name: 'Ada' } } },
            ...(requestState !== undefined && { requestState }),
          };
          await client.send('tools/call', { name: 'it_asks', arguments: {}, ...retry }, can);
        });
        const tally = await recorded.replay();
        // Keys of questions are made by the gateway, once for each.
        allMatch(tally);
        assert.equal(tally.byName.get('it_asks')?.matched, 2);
      });
    });

  it('cursors lead on', async () => {
    const backend = await startMcpBackend();
    try {
      recorded = await recordedTraffic(
        `  back: { url: "${backend.url}" }\npage_size: 2`,
        async ({ port }) => {
          const session = await openLegacySession(port);
          let cursor: unknown;
          do {
            const page = await ask(
              port,
              session.request('tools/list', cursor === undefined ? {} : { cursor }),
            );
            cursor = (responseOf(page).result as { readonly nextCursor?: unknown }).nextCursor;
          } while (cursor !== undefined);
          await session.end();
        },
      );
      const tally = await recorded.replay();
      allMatch(tally);
      assert.equal(tally.byName.get('tools/list')?.matched, 3);
    } finally {
      await recorded?.close();
      recorded = undefined;
      await backend.close();
    }
  });

  it('who gave up gives up again', async () => {
    const backend = await startMcpBackend();
    try {
      recorded = await recordedTraffic(`  back: { url: "${backend.url}" }`, async ({ port }) => {
        const session = await openLegacySession(port);
        const answered = ask(port, session.request('tools/call', { name: 'back_hang', arguments: {} }, 'h'));
        await backend.nextCall('hang');
        await session.notify('notifications/cancelled', { requestId: 'h' });
        await answered;
      });
      // Slowly: the other gateway has yet to meet the backend, and what is cancelled before it was sent never gets there.
      const replaying = recorded.replay({ rate: 0.05 });
      const call = await backend.nextCall('hang');
      const tally = await replaying;
      await call.abandoned;
      allMatch(tally);
      assert.deepEqual([...tally.uncompared], [['its client had left', 1]]);
    } finally {
      await recorded?.close();
      recorded = undefined;
      await backend.close();
    }
  });
});
