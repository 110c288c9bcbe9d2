/** Whose session it is: an id that somebody else presents is refused as if it had never been, on every transport. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { ask } from '../../support/ask.js';
import { openRaw } from '../../support/openRaw.js';
import type { RawAnswer } from '../../support/parseAnswer.js';
import { requestBytes } from '../../support/requestBytes.js';
import { startGateway } from '../../support/startGateway.js';
import { startIssuer, type Issuer } from '../../support/startIssuer.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';
import { startWorkers } from '../../support/startWorkers.js';

const audience = 'https://gw.example/mcp';

interface Started {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

interface Setting {
  readonly start: (yaml: string) => Promise<Started>;
  /** Connections tried, each of which may come to another process. */
  readonly attempts: number;
}

const initialize = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};
const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'a_echo', arguments: {} } };

const boundSessions = (name: string, { start, attempts }: Setting): void =>
  void describe(`e2e: sessions belong to their callers, ${name}`, function () {
    this.timeout(90_000);
    let issuer: Issuer;
    let backend: McpBackend;
    let gateway: Started;
    let ann: { readonly authorization: string };
    let eve: { readonly authorization: string };

    before(async () => {
      [issuer, backend] = await Promise.all([
        startIssuer(),
        startMcpBackend({ tools: { echo: (each) => each.reply({ content: [] }) } }),
      ]);
      gateway = await start(
        `servers: { a: { url: "${backend.url}" } }
auth: { jwt: { issuers: [{ issuer: "${issuer.url}", audience: "${audience}" }] } }
transports: { legacy_sse: { enabled: true } }`,
      );
      const bearer = async (sub: string) => ({
        authorization: `Bearer ${await issuer.token(audience, { sub })}`,
      });
      [ann, eve] = await Promise.all([bearer('ann'), bearer('eve')]);
    });
    after(async () => {
      await gateway.close();
      await Promise.all([issuer.close(), backend.close()]);
    });

    const open = async (): Promise<string> => {
      const answer = await ask(gateway.port, { headers: ann, body: initialize });
      assert.equal(answer.status, 200, answer.body);
      return answer.headers['mcp-session-id'] ?? '';
    };
    const send = (who: Readonly<Record<string, string>>, id: string, more: object = { body: ping }) =>
      ask(gateway.port, {
        ...more,
        headers: { 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25', ...who },
      });
    /** All of an answer that a client can tell apart. */
    const told = ({ status, body, headers }: RawAnswer) => {
      const { date: _date, ...rest } = headers;
      return { status, body, headers: rest };
    };
    const many = <T>(make: () => Promise<T>): Promise<T[]> =>
      Promise.all(Array.from({ length: attempts }, make));

    const attacks: [string, object][] = [
      ['a ping', { body: ping }],
      ['a call', { body: call }],
      ['a notification', { body: { jsonrpc: '2.0', method: 'notifications/initialized' } }],
      [
        'a cancellation',
        { body: { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 2 } } },
      ],
      ['a response', { body: { jsonrpc: '2.0', id: 's1', result: {} } }],
      ['its stream', { method: 'GET', headers: { accept: 'text/event-stream' } }],
      ['its end', { method: 'DELETE' }],
    ];
    for (const [what, attack] of attacks)
      it(`refuses ${what} of another caller in the words for what never was`, async () => {
        const id = await open();
        const { headers = {}, ...parts } = attack as { headers?: Record<string, string> };
        const before = backend.calls;
        // Of the same shape: an id that names no instance could be told from one that does.
        const never = id.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
        const unknown = await send({ ...headers, ...eve }, never, parts);
        assert.equal(unknown.status, 404, unknown.body);
        for (const answer of await many(() => send({ ...headers, ...eve }, id, parts)))
          assert.deepEqual(told(answer), told(unknown));
        assert.equal(backend.calls, before, 'the backend saw nothing');
        for (const answer of await many(() => send(ann, id))) assert.equal(answer.status, 200, answer.body);
      });

    it('asks a stranger with an id who it is', async () => {
      const id = await open();
      for (const answer of await many(() => send({}, id))) {
        assert.equal(answer.status, 401);
        assert.match(String(answer.headers['www-authenticate']), /resource_metadata/);
      }
    });

    it('goes on with a new token of the same caller', async () => {
      const id = await open();
      const next = { authorization: `Bearer ${await issuer.token(audience, { sub: 'ann' })}` };
      for (const answer of await many(() => send(next, id, { body: call }))) assert.equal(answer.status, 200);
    });

    it('refuses a token that has ended in the middle of a session', async () => {
      const id = await open();
      const over = Math.floor(Date.now() / 1000) - 60;
      const ended = { authorization: `Bearer ${await issuer.token(audience, { sub: 'ann', exp: over })}` };
      assert.equal((await send(ended, id)).status, 401);
      assert.equal((await send(ann, id)).status, 200);
    });

    it('HTTP+SSE: what another caller posts to a stream is refused as if there were none', async () => {
      const connection = await openRaw(gateway.port);
      const headers = { accept: 'text/event-stream', ...ann };
      connection.write(requestBytes(gateway.port, { method: 'GET', path: '/sse', headers }));
      const seen = await connection.seen('sessionId=');
      const [, path = ''] =
        /data: (\S+)/.exec(`${seen}${await connection.seen('\n\n').catch(() => '')}`) ?? [];
      assert.match(path, /sessionId=[\w.-]{20,}/);
      const post = (who: Readonly<Record<string, string>>, to = path) =>
        ask(gateway.port, { path: to, headers: who, body: initialize });
      const unknown = await post(
        eve,
        path.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
      );
      assert.equal(unknown.status, 404);
      assert.deepEqual(told(await post(eve)), told(unknown));
      assert.equal((await post({})).status, 401);
      assert.equal((await post(ann)).status, 202);
      connection.destroy();
    });

    it("WebSocket: the session is the connection, an id in the handshake opens nobody else's", async () => {
      const id = await open();
      const headers = { ...eve, 'mcp-session-id': id };
      const socket = new WebSocket(gateway.url.replace('http', 'ws'), 'mcp', { headers });
      await once(socket, 'open');
      socket.send(JSON.stringify(call));
      const [data] = (await once(socket, 'message')) as [Buffer];
      assert.ok('error' in (JSON.parse(data.toString()) as object), data.toString());
      socket.close();
      await once(socket, 'close');
      assert.equal((await send(ann, id)).status, 200);
    });

    it('WebSocket: who shows nothing is refused before it is one', async () => {
      const socket = new WebSocket(gateway.url.replace('http', 'ws'), 'mcp');
      const [error] = (await once(socket, 'error')) as [Error];
      assert.match(error.message, /401/);
    });
  });

boundSessions('one process', {
  attempts: 1,
  start: (yaml) => {
    const [servers = '', ...rest] = yaml.split('\n');
    const inner = servers.replace(/^servers: \{ (.*) \}$/, '  $1');
    return startGateway([inner, ...rest].join('\n'));
  },
});
boundSessions('two workers', { attempts: 4, start: (yaml) => startWorkers(yaml, 2) });
