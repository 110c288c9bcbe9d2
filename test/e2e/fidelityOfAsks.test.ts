import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import assert from 'node:assert/strict';
import type { ScriptedServer } from '../backends/mcp/scriptedServer.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { asker } from './fidelity/asker.js';
import { faithfulServer } from './fidelity/faithfulServer.js';
import { rawClient } from './fidelity/rawClient.js';

const vendor = { 'vendor.example/key': { deep: [null, 'ü'] } };
/** What is asked; everything but the hop's own is to arrive. */
const question = {
  mode: 'form',
  message: 'Wer da? 🎉',
  requestedSchema: {
    type: 'object',
    properties: {
      name: { type: 'string', title: 'Name', minLength: 1, default: 'Ada', 'x-vendor': 1 },
      kind: { type: 'string', oneOf: [{ const: 'a', title: 'Ä' }] },
    },
    required: ['name'],
  },
  vendorField: 'kept',
};
const ofTheHop = { 'io.modelcontextprotocol/made-up': 'of this hop', progressToken: 17 };
const reply = { action: 'accept', content: { name: 'Ådå', kind: 'a' }, vendorField: 1, _meta: vendor };

describe('what is asked and answered', () => {
  for (const era of ['legacy', 'modern'] as const)
    describe(`by a ${era} server`, () => {
      let server: ScriptedServer;
      let gateway: RunningGateway;

      before(async () => {
        server = await faithfulServer(era, asker({ ...question, _meta: vendor }, ofTheHop));
        gateway = await startGateway(`  it: { url: '${server.url}', protocol: ${era} }`);
      });
      after(async () => {
        await gateway.close();
        await server.close();
      });

      const told = (content: unknown): unknown =>
        JSON.parse((content as readonly { readonly text: string }[])[0]?.text ?? '');

      it('reaches a legacy client and comes back as it is', async () => {
        const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } });
        let params: unknown;
        // A handler of its own would see what the SDK knows of it only.
        client.fallbackRequestHandler = (request) => {
          params = request.params;
          return Promise.resolve(reply);
        };
        await client.connect(new StreamableHTTPClientTransport(new URL(gateway.url)));
        const { content } = await client.callTool({ name: 'it_asks', arguments: {} });
        await client.close();
        assert.deepEqual(params, { ...question, _meta: vendor });
        assert.deepEqual(told(content), reply);
      });

      it('reaches a modern client and comes back as it is', async () => {
        const client = await rawClient('modern', gateway.port);
        const can = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } };
        const first = await client.send('tools/call', { name: 'it_asks', arguments: {} }, can);
        const { inputRequests = {}, requestState } = (first.answer.result ?? {}) as {
          readonly inputRequests?: Readonly<Record<string, unknown>>;
          readonly requestState?: string;
        };
        const [[key, asked] = ['', undefined], ...more] = Object.entries(inputRequests);
        assert.deepEqual(more, []);
        assert.deepEqual(asked, { method: 'elicitation/create', params: { ...question, _meta: vendor } });
        const retry = {
          inputResponses: { [key]: reply },
          ...(requestState !== undefined && { requestState }),
        };
        const { answer } = await client.send('tools/call', { name: 'it_asks', arguments: {}, ...retry }, can);
        assert.deepEqual(told(answer.result?.content), reply);
      });
    });
});
