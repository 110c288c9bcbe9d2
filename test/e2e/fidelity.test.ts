import assert from 'node:assert/strict';
import type { Received, ScriptedServer } from '../backends/mcp/scriptedServer.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { faithfulServer } from './fidelity/faithfulServer.js';
import { rawClient, type RawClient } from './fidelity/rawClient.js';
import {
  callArguments,
  completionResult,
  failure,
  prompt,
  promptResult,
  resource,
  resourceResult,
  template,
  tool,
  toolResult,
} from './fidelity/verbatim.js';

const eras = ['legacy', 'modern'] as const;

const reserved = 'io.modelcontextprotocol/';

/** A result without what an era or the gateway itself puts on: those are looked at one by one. */
const bare = ({ resultType: _type, ttlMs: _ttl, cacheScope: _scope, ...rest }: Record<string, unknown>) => {
  const meta = Object.entries((rest['_meta'] ?? {}) as Record<string, unknown>);
  return { ...rest, _meta: Object.fromEntries(meta.filter(([key]) => !key.startsWith(reserved))) };
};

const tellsOnTheWay = (request: Received): boolean => {
  const { id, params } = request.body;
  if (params?.['name'] !== 'tells') return false;
  const { progressToken } = (params['_meta'] ?? {}) as Record<string, unknown>;
  const _meta = { 'vendor.example/key': 'told', 'io.modelcontextprotocol/made-up': 'of this hop' };
  const tell = (method: string, more: object) => request.event({ jsonrpc: '2.0', method, params: more });
  tell('notifications/progress', {
    progressToken,
    progress: 1,
    total: 2,
    message: 'ä',
    vendorField: 1,
    _meta,
  });
  tell('notifications/message', {
    level: 'error',
    logger: 'l',
    data: { deep: [null] },
    vendorField: 1,
    _meta,
  });
  request.event({ jsonrpc: '2.0', id, result: { resultType: 'complete', content: [] } });
  request.response.end();
  return true;
};

for (const serverEra of eras)
  describe(`what a ${serverEra} server says, and is told`, () => {
    let server: ScriptedServer;
    let gateway: RunningGateway;

    before(async () => {
      server = await faithfulServer(serverEra, tellsOnTheWay);
      gateway = await startGateway(`  it: { url: '${server.url}', protocol: ${serverEra} }`);
    });
    after(async () => {
      await gateway.close();
      await server.close();
    });

    for (const clientEra of eras)
      describe(`${clientEra} client`, () => {
        let client: RawClient;
        before(async () => {
          client = await rawClient(clientEra, gateway.port);
        });

        /** A call that the server gets: its arguments fit. */
        const callRich = async (meta: Record<string, unknown>): Promise<void> => {
          const { answer } = await client.send(
            'tools/call',
            { name: 'it_rich', arguments: callArguments },
            meta,
          );
          assert.equal(answer.result?.isError, false, JSON.stringify(answer));
        };
        /** The last request of a method as the server got it. */
        const lastSeen = (method: string): Received => {
          const seen = server.received.findLast(({ body }) => body.method === method);
          assert.ok(seen, `the server was not asked ${method}`);
          return seen;
        };
        const metaSeen = (method: string) =>
          (lastSeen(method).body.params?.['_meta'] ?? {}) as Record<string, unknown>;
        const resultOf = async (method: string, params?: Record<string, unknown>) => {
          const { answer } = await client.send(method, params);
          assert.ok(answer.result, JSON.stringify(answer));
          return answer.result;
        };

        it('lists definitions as they are, but for their names', async () => {
          const { tools } = (await resultOf('tools/list')) as { tools: { name: string }[] };
          assert.deepEqual(
            tools.find(({ name }) => name === 'it_rich'),
            { ...tool, name: 'it_rich' },
          );
          const { prompts } = await resultOf('prompts/list');
          assert.deepEqual(prompts, [{ ...prompt, name: 'it_greet' }]);
          const { resources } = await resultOf('resources/list');
          assert.deepEqual(resources, [resource]);
          const { resourceTemplates } = await resultOf('resources/templates/list');
          assert.deepEqual(resourceTemplates, [template]);
        });

        const calls = [
          ['tools/call', { name: 'it_rich', arguments: callArguments }, toolResult],
          ['prompts/get', { name: 'it_greet', arguments: { who: 'Ädä' } }, promptResult],
          ['resources/read', { uri: resource.uri }, resourceResult],
          [
            'completion/complete',
            { ref: { type: 'ref/prompt', name: 'it_greet' }, argument: { name: 'who', value: 'ä' } },
            completionResult,
          ],
        ] as const;
        for (const [method, params, expected] of calls)
          it(`answers ${method} in the server's words`, async () =>
            assert.deepEqual(bare(await resultOf(method, params)), expected));

        it('says for itself who serves, and keeps what the other hop has reserved', async () => {
          for (const [method, params] of calls) {
            const meta = (await resultOf(method, params))._meta ?? {};
            const kept = Object.entries(meta).filter(([key]) => key.startsWith(reserved));
            assert.deepEqual(
              kept,
              clientEra === 'modern'
                ? [[`${reserved}serverInfo`, { name: 'sluice', version: '0.0.0-test' }]]
                : [],
            );
          }
        });

        it("passes an error's code, message and data", async () => {
          const { answer } = await client.send('tools/call', { name: 'it_fails' });
          assert.deepEqual(answer.error, failure);
        });

        it('passes arguments and unknown keys of _meta to the server', async () => {
          const meta = { 'vendor.example/key': { deep: [null, 'ü'] }, plain: 0 };
          await client.send(
            'tools/call',
            { name: 'it_rich', arguments: callArguments, vendorParam: 1 },
            meta,
          );
          const { name, arguments: args, vendorParam } = lastSeen('tools/call').body.params ?? {};
          assert.deepEqual([name, vendorParam], ['rich', 1]);
          assert.deepEqual(args, JSON.parse(JSON.stringify(callArguments)));
          const seen = metaSeen('tools/call');
          assert.deepEqual({ ...seen, ...meta }, seen);
        });

        it('passes none of the reserved keys of the client on', async () => {
          await callRich({
            [`${reserved}made-up`]: 'of this hop',
            [`${reserved}clientInfo`]: { name: 'a secret client', version: '1' },
            progressToken: 'a token of this hop',
          });
          const { body } = lastSeen('tools/call');
          assert.ok(!JSON.stringify(body).includes('of this hop'));
          assert.ok(!JSON.stringify(body).includes('secret'));
          // The level is the one that the client's session has.
          const { [`${reserved}logLevel`]: _level, ...claim } = metaSeen('tools/call');
          const keys = Object.keys(claim).filter((key) => key.startsWith(reserved));
          assert.deepEqual(
            keys.sort(),
            serverEra === 'modern'
              ? ['clientCapabilities', 'clientInfo', 'protocolVersion'].map((key) => `${reserved}${key}`)
              : [],
          );
        });

        it('passes what is told on the way, with the token of the client', async () => {
          if (clientEra === 'legacy') await client.send('logging/setLevel', { level: 'debug' });
          const { messages } = await client.send(
            'tools/call',
            { name: 'it_tells' },
            {
              progressToken: 'mine',
              ...(clientEra === 'modern' && { [`${reserved}logLevel`]: 'debug' }),
            },
          );
          const _meta = { 'vendor.example/key': 'told' };
          assert.deepEqual(messages.slice(0, -1), [
            {
              jsonrpc: '2.0',
              method: 'notifications/progress',
              params: { progressToken: 'mine', progress: 1, total: 2, message: 'ä', vendorField: 1, _meta },
            },
            {
              jsonrpc: '2.0',
              method: 'notifications/message',
              params: { level: 'error', logger: 'l', data: { deep: [null] }, vendorField: 1, _meta },
            },
          ]);
        });

        it('leads from the link of a tool to the resource it names', async () => {
          const { tools } = (await resultOf('tools/list')) as { tools: (typeof tool)[] };
          const uri = tools.find(({ name }) => name === 'it_rich')?._meta.ui.resourceUri;
          const { contents } = (await resultOf('resources/read', { uri })) as typeof resourceResult;
          assert.deepEqual(contents, resourceResult.contents);
          assert.equal(lastSeen('resources/read').body.params?.['uri'], uri);
        });

        it('mirrors arguments in headers where the hop has such headers', async () => {
          const args = { region: 'Zürich', level: 3 };
          const encoded = `=?base64?${Buffer.from('Zürich').toString('base64')}?=`;
          const own = { 'mcp-param-region': encoded, 'mcp-param-level': '3' };
          const { answer } = await client.send('tools/call', { name: 'it_routed', arguments: args }, {}, own);
          assert.ok(answer.result, JSON.stringify(answer));
          const { headers } = lastSeen('tools/call');
          assert.deepEqual(
            [headers['mcp-name'], headers['mcp-param-region'], headers['mcp-param-level']],
            serverEra === 'modern' ? ['routed', encoded, '3'] : [undefined, undefined, undefined],
          );
        });

        if (clientEra === 'modern')
          it('confirms the headers of the client itself, whatever the server does', async () => {
            const before = server.received.length;
            for (const headers of [
              {},
              { 'mcp-param-region': 'us' },
              { 'mcp-param-region': '=?base64?!?=' },
            ]) {
              const params = { name: 'it_routed', arguments: { region: 'eu' } };
              const { status, answer } = await client.send('tools/call', params, {}, headers);
              assert.deepEqual([status, answer.error?.code], [400, -32020]);
            }
            assert.equal(server.received.length, before);
          });
      });
  });
