import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  ElicitationCompleteNotificationSchema,
  ElicitRequestSchema,
  UrlElicitationRequiredError,
} from '@modelcontextprotocol/sdk/types.js';
import assert from 'node:assert/strict';
import { legacyScript, legacyState } from '../backends/mcp/legacyScript.js';
import { scriptedServer, type Received, type ScriptedServer } from '../backends/mcp/scriptedServer.js';
import { eventually } from '../support/eventually.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { within } from '../support/within.js';

const tools = ['pay', 'visit'].map((name) => ({ name, inputSchema: { type: 'object' } }));
const elicitation = (elicitationId: unknown) => ({
  mode: 'url',
  elicitationId,
  url: 'https://pay.example/1',
  message: 'Pay there',
});

/** A legacy server that sends users to URLs, and says later, on a session's own stream, that they are done. */
const startServer = async () => {
  const state = legacyState();
  /** The own stream of each session. */
  const streams = new Map<string, Received>();
  /** Calls of `visit` that wait for the answer of their client, by the id of what it was asked. */
  const visits = new Map<unknown, Received>();
  const sessionOf = ({ headers }: Received) => String(headers['mcp-session-id']);
  const server: ScriptedServer = await scriptedServer((request) => {
    const { body } = request;
    if (body.method === 'server/discover') return request.error(-32601);
    if (legacyScript(request, state)) return;
    if (request.httpMethod === 'GET') {
      streams.set(sessionOf(request), request);
      return void request.response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    }
    if (body.method === undefined) {
      request.response.writeHead(202).end();
      const call = visits.get(body.id);
      return call?.event({ jsonrpc: '2.0', id: call.body.id, result: { content: [] } });
    }
    if (body.method === 'ping') return request.result({});
    if (body.method === 'tools/list') return request.result({ tools });
    const { id } = body.params?.['arguments'] as { id: string };
    if (body.params?.['name'] === 'pay')
      return request.error(-32042, 200, { elicitations: [elicitation(id)] });
    visits.set(`ask-${id}`, request);
    request.event({
      jsonrpc: '2.0',
      id: `ask-${id}`,
      method: 'elicitation/create',
      params: elicitation(id),
    });
  });
  return {
    url: server.url,
    close: () => server.close(),
    /** Says on all own streams that it is done. */
    announce(elicitationId: unknown) {
      for (const stream of streams.values())
        stream.event({
          jsonrpc: '2.0',
          method: 'notifications/elicitation/complete',
          params: { elicitationId },
        });
    },
  };
};

describe("'elicitation complete' outside of any call", function () {
  this.timeout(15_000);
  let honest: Awaited<ReturnType<typeof startServer>>;
  let hostile: Awaited<ReturnType<typeof startServer>>;
  let gateway: RunningGateway;
  let clients: Client[];

  beforeEach(async () => {
    [honest, hostile] = [await startServer(), await startServer()];
    gateway = await startGateway(`  s: { url: "${honest.url}" }\n  evil: { url: "${hostile.url}" }`);
    clients = [];
  });
  afterEach(async () => {
    for (const client of clients) await client.close();
    await gateway.close();
    await Promise.all([honest.close(), hostile.close()]);
  });

  /** An official client whose user goes wherever he is sent. */
  const connect = async () => {
    const heard: string[] = [];
    const client = new Client(
      { name: 'test', version: '1' },
      { capabilities: { elicitation: { form: {}, url: {} } } },
    );
    const transport = new StreamableHTTPClientTransport(new URL(gateway.url));
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept' }));
    client.setNotificationHandler(ElicitationCompleteNotificationSchema, ({ params }) => {
      heard.push(params.elicitationId);
    });
    await within(5000, 'the connection', client.connect(transport));
    clients.push(client);
    return {
      heard,
      end: () => transport.terminateSession(),
      hears: (count: number) => eventually(5000, `${count} completions`, () => heard.length >= count),
      visit: (id: string, server = 's') => client.callTool({ name: `${server}_visit`, arguments: { id } }),
      pay: (id: string, server = 's') =>
        assert.rejects(
          client.callTool({ name: `${server}_pay`, arguments: { id } }),
          (error) =>
            error instanceof UrlElicitationRequiredError && error.elicitations[0]?.elicitationId === id,
        ),
    };
  };

  it('reaches the client that was told by -32042, and only it, once', async () => {
    const [ada, bob] = [await connect(), await connect()];
    await ada.pay('a');
    await bob.pay('b');
    for (const id of ['a', 'a', 'b']) honest.announce(id);
    await Promise.all([ada.hears(1), bob.hears(1)]);
    await ada.pay('end');
    honest.announce('end');
    await ada.hears(2);
    assert.deepEqual([ada.heard, bob.heard], [['a', 'end'], ['b']]);
  });

  it('reaches the client that was asked in a call that has ended', async () => {
    const [ada, bob] = [await connect(), await connect()];
    await Promise.all([ada.visit('a'), bob.pay('b')]);
    honest.announce('a');
    await ada.hears(1);
    honest.announce('b');
    await bob.hears(1);
    assert.deepEqual([ada.heard, bob.heard], [['a'], ['b']]);
  });

  it('is dropped where the id was given to nobody', async () => {
    const ada = await connect();
    await ada.pay('a');
    for (const id of ['unknown', '', 7, undefined, 'x'.repeat(10_000), 'a']) honest.announce(id);
    await ada.hears(1);
    assert.deepEqual(ada.heard, ['a']);
  });

  it("reaches nobody when a server announces another's id", async () => {
    const [ada, bob] = [await connect(), await connect()];
    await ada.pay('a');
    await bob.pay('b', 'evil');
    hostile.announce('a');
    hostile.announce('b');
    await bob.hears(1);
    honest.announce('a');
    await ada.hears(1);
    assert.deepEqual([ada.heard, bob.heard], [['a'], ['b']]);
  });

  it('is dropped where the session has ended', async () => {
    const [ada, bob] = [await connect(), await connect()];
    await ada.pay('a');
    await ada.end();
    await bob.pay('b');
    for (const id of ['a', 'b']) honest.announce(id);
    await bob.hears(1);
    assert.deepEqual([ada.heard, bob.heard], [[], ['b']]);
  });
});
