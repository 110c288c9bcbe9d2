import assert from 'node:assert/strict';
import { once } from 'node:events';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { eventually } from '../../support/eventually.js';
import { within } from '../../support/within.js';
import { backendCall, repliesOf, textOf } from './backendCall.js';
import { connectMcp, disconnectAll } from './connectMcp.js';
import { legacyScript, legacyState, type LegacyState } from './legacyScript.js';
import { scriptedServer, type Received, type ScriptedServer } from './scriptedServer.js';

const text = (value: string) => ({ content: [{ type: 'text', text: value }] });
const isCall = ({ body }: Received): boolean => body.method === 'tools/call';

describe('mcpBackend, legacy era', () => {
  let server: ScriptedServer;
  let state: LegacyState;
  let script: (request: Received) => void;
  let capabilities: Record<string, unknown>;

  beforeEach(async () => {
    state = legacyState();
    capabilities = { tools: {}, logging: {} };
    script = (request) => request.result(text('ok'));
    server = await scriptedServer((request) => legacyScript(request, state, capabilities) || script(request));
  });
  afterEach(async () => {
    await disconnectAll();
    await server.close();
  });

  const count = (method: string): number => server.methods().filter((name) => name === method).length;

  it('opens one session for all calls, sends its id and revision, and deletes it in the end', async () => {
    const backend = connectMcp(server.url);
    await Promise.all([1, 2, 3].map(() => repliesOf(backend, backendCall('a'))));
    assert.equal(count('server/discover'), 1);
    assert.equal(count('initialize'), 1);
    assert.equal(count('notifications/initialized'), 1);
    const { headers, body } = await server.next('a call', isCall);
    assert.equal(headers['mcp-session-id'], 'session-1');
    assert.equal(headers['mcp-protocol-version'], '2025-11-25');
    assert.equal(headers['mcp-method'], undefined);
    assert.deepEqual(body.params, { name: 'a', arguments: {} });
    await backend.close(0);
    assert.equal(server.methods().at(-1), 'DELETE');
    assert.equal(state.sessions.size, 0);
  });

  it('tells the server when a call is abandoned, within 100 ms', async () => {
    script = () => undefined;
    const subscription = connectMcp(server.url).invoke(backendCall('hang')).subscribe();
    const { body, response } = await server.next('the call', isCall);
    const at = performance.now();
    const closed = once(response, 'close');
    subscription.unsubscribe();
    const cancel = await server.next('the cancel', ({ body }) => body.method === 'notifications/cancelled');
    await closed;
    assert.ok(performance.now() - at < 100);
    assert.deepEqual(cancel.body.params, { requestId: body.id });
    assert.equal(cancel.headers['mcp-session-id'], 'session-1');
  });

  it('does not cancel what has been answered', async () => {
    const backend = connectMcp(server.url);
    await firstValueFrom(backend.invoke(backendCall('a')));
    await repliesOf(backend, backendCall('b'));
    assert.equal(count('notifications/cancelled'), 0);
  });

  describe('when the server has forgotten the session', () => {
    it('opens one new session for all calls and repeats those that may be', async () => {
      const backend = connectMcp(server.url);
      await repliesOf(backend, backendCall('a'));
      state.sessions.clear();
      const calls = Array.from({ length: 20 }, () =>
        repliesOf(backend, backendCall('a', { repeatable: true })),
      );
      for (const replies of await Promise.all(calls)) assert.equal(textOf(replies[0]), 'ok');
      assert.equal(state.opened, 2);
    });

    it('repeats a payment too, which it has not begun', async () => {
      const backend = connectMcp(server.url);
      await repliesOf(backend, backendCall('a'));
      state.sessions.clear();
      const changed = firstValueFrom(backend.changed$);
      assert.equal(textOf((await repliesOf(backend, backendCall('a')))[0]), 'ok');
      await changed;
      assert.equal(count('tools/call'), 3);
      assert.equal(state.opened, 2);
    });

    for (const [how, message, code] of [
      ['a word of its own about some session', 'The checkout session has ended', -32000],
      ['its own code', 'Bad Request: no valid session', -32050],
    ] as const)
      it(`does not repeat a payment that was refused with 400 and ${how}`, async () => {
        const backend = connectMcp(server.url);
        script = (request) => request.error(code, 400, undefined, message);
        await assert.rejects(repliesOf(backend, backendCall('a')), {
          code: 'ERR_UPSTREAM_SESSION_LOST',
          notBegun: false,
        });
        assert.equal(count('tools/call'), 1);
        script = (request) => request.result(text('ok'));
        assert.equal(textOf((await repliesOf(backend, backendCall('a')))[0]), 'ok');
      });

    it('does not repeat a payment whose stream it can not go on with', async () => {
      const backend = connectMcp(server.url);
      script = (request) => {
        if (request.httpMethod === 'GET') return request.error(-32001, 404);
        request.response.writeHead(200, { 'content-type': 'text/event-stream' });
        request.response.end('id: 1\nretry: 100\ndata:\n\n');
        state.sessions.clear();
      };
      await assert.rejects(repliesOf(backend, backendCall('a')), {
        code: 'ERR_UPSTREAM_FAILED',
        notBegun: false,
      });
      assert.equal(count('tools/call'), 1);
    });

    it('asks before the next call when its connection broke, so that the call is sent, once', async () => {
      const backend = connectMcp(server.url);
      await repliesOf(backend, backendCall('a'));
      script = ({ response }) => void response.destroy();
      await assert.rejects(repliesOf(backend, backendCall('a')), { code: 'ERR_UPSTREAM_FAILED' });
      script = (request) => request.result(text('ok'));
      assert.equal(textOf((await repliesOf(backend, backendCall('a')))[0]), 'ok');
      assert.equal(count('ping'), 1);
      script = ({ response }) => void response.destroy();
      await assert.rejects(repliesOf(backend, backendCall('a')), { code: 'ERR_UPSTREAM_FAILED' });
      script = (request) => request.result(text('ok'));
      state.sessions.clear();
      const calls = Array.from({ length: 5 }, () => repliesOf(backend, backendCall('a')));
      for (const replies of await Promise.all(calls)) assert.equal(textOf(replies[0]), 'ok');
      assert.equal(count('ping'), 2);
      assert.equal(state.opened, 2);
    });

    it('understands a 400 that names the session', async () => {
      const backend = connectMcp(server.url);
      await repliesOf(backend, backendCall('a'));
      let refused = 0;
      script = (request) =>
        refused++ === 0
          ? request.error(-32000, 400, undefined, 'Bad Request: No valid session ID provided')
          : request.result(text('again'));
      const [reply] = await repliesOf(backend, backendCall('a'));
      assert.equal(textOf(reply), 'again');
      assert.equal(state.opened, 2);
    });

    it('gives up when every new session is forgotten at once', async () => {
      script = (request) => request.error(-32001, 404);
      await assert.rejects(repliesOf(connectMcp(server.url), backendCall('a')), {
        code: 'ERR_UPSTREAM_SESSION_LOST',
        notBegun: true,
      });
      assert.equal(state.opened, 2);
    });
  });

  it('keeps the log level at the lowest asked for and filters for each call', async () => {
    script = (request) => {
      const { id, method } = request.body;
      if (method === 'logging/setLevel') return request.result({});
      request.event({ jsonrpc: '2.0', method: 'notifications/message', params: { data: 'no level' } });
      for (const level of ['debug', 'warning', 'alert'])
        request.event({ jsonrpc: '2.0', method: 'notifications/message', params: { level, data: level } });
      request.event({ jsonrpc: '2.0', id, result: text('ok') });
      request.response.end();
    };
    const backend = connectMcp(server.url);
    const levels = async (logLevel: 'debug' | 'warning' | 'alert' | undefined): Promise<unknown[]> =>
      (await repliesOf(backend, backendCall('a', { logLevel }))).flatMap((reply) =>
        reply.kind === 'notification' ? [reply.params['level']] : [],
      );
    assert.deepEqual(await levels(undefined), []);
    assert.equal(count('logging/setLevel'), 0);
    assert.deepEqual(await levels('warning'), ['warning', 'alert']);
    assert.deepEqual(await levels('alert'), ['alert']);
    assert.equal(count('logging/setLevel'), 1);
    assert.deepEqual(await levels('debug'), ['debug', 'warning', 'alert']);
    const asked = server.received.filter(({ body }) => body.method === 'logging/setLevel');
    assert.deepEqual(
      asked.map(({ body }) => body.params),
      [{ level: 'warning' }, { level: 'debug' }],
    );
  });

  it('answers a ping, and refuses whatever else the server asks', async () => {
    script = (request) => {
      request.event({ jsonrpc: '2.0', id: 'p', method: 'ping' });
      request.event({ jsonrpc: '2.0', id: 7, method: 'sampling/createMessage', params: {} });
    };
    const subscription = connectMcp(server.url).invoke(backendCall('a')).subscribe();
    const pong = await server.next('the pong', ({ body }) => 'result' in body);
    assert.deepEqual(pong.body, { jsonrpc: '2.0', id: 'p', result: {} });
    const no = await server.next('the refusal', ({ body }) => 'error' in body);
    assert.deepEqual(no.body, {
      jsonrpc: '2.0',
      id: 7,
      error: { code: -32601, message: 'Method not found' },
    });
    subscription.unsubscribe();
  });

  describe('a stream that ends early', () => {
    it('is taken up again after its last event, when it said so itself', async () => {
      let at = 0;
      script = (request) => {
        if (request.httpMethod === 'GET') {
          assert.equal(request.headers['last-event-id'], 'e2');
          assert.ok(performance.now() - at >= 190, 'it waited as it was told');
          request.event({ jsonrpc: '2.0', id: idOfCall(), result: text('resumed') }, 'id: e3\n');
          return void request.response.end();
        }
        const progress = { progressToken: request.body.id, progress: 1 };
        request.event('', 'id: e1\nretry: 200\n');
        request.event({ jsonrpc: '2.0', method: 'notifications/progress', params: progress }, 'id: e2\n');
        at = performance.now();
        request.response.end();
      };
      const idOfCall = () => server.received.find(isCall)?.body.id;
      const replies = await repliesOf(connectMcp(server.url), backendCall('a', { progress: true }));
      assert.deepEqual(
        replies.map(({ kind }) => kind),
        ['notification', 'poll', 'result'],
      );
      assert.deepEqual(replies[1], { kind: 'poll', retryMs: 200 });
      assert.equal(textOf(replies[2]), 'resumed');
    });

    it('is taken up again when its connection broke', async () => {
      script = (request) => {
        const id = server.received.find(isCall)?.body.id;
        if (request.httpMethod === 'GET')
          return request.event({ jsonrpc: '2.0', id, result: text('resumed') });
        request.event('', 'id: e1\nretry: 1\n');
        request.response.socket?.destroySoon();
      };
      const [reply] = await repliesOf(connectMcp(server.url), backendCall('a'));
      assert.equal(textOf(reply), 'resumed');
    });

    it('fails when it has no ids, or the server does not offer to resume', async () => {
      for (const fields of ['', 'id: e1\nretry: 1\n']) {
        script = (request) => {
          if (request.httpMethod === 'GET') return void request.response.writeHead(405).end();
          request.event({ jsonrpc: '2.0', method: 'notifications/message', params: {} }, fields);
          request.response.end();
        };
        await assert.rejects(repliesOf(connectMcp(server.url), backendCall('a')), {
          code: 'ERR_UPSTREAM_FAILED',
          message: /before it was complete/,
        });
      }
    });
  });

  describe('its own stream', () => {
    it('is opened for a server whose lists change, and tells of each change', async () => {
      capabilities = { tools: { listChanged: true } };
      const streams: Received[] = [];
      script = (request) => {
        if (request.httpMethod !== 'GET') return request.result({ tools: [] });
        streams.push(request);
        request.response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      };
      const backend = connectMcp(server.url);
      await lastValueFrom(backend.offer());
      await eventually(8000, 'the stream', () => streams.length === 1);
      const changed = firstValueFrom(backend.changed$);
      streams[0]?.event({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
      await within(8000, 'the news', changed);
      // It is opened again when it ends, and something may have changed meanwhile.
      const again = firstValueFrom(backend.changed$);
      streams[0]?.response.end();
      await within(3000, 'the news', again);
      assert.equal(streams.length, 2);
      const closed = once(streams[1]?.response as Received['response'], 'close');
      await backend.close(0);
      await closed;
    });

    it('is let be where there is none', async () => {
      capabilities = { tools: { listChanged: true } };
      script = (request) =>
        request.httpMethod === 'GET'
          ? void request.response.writeHead(405).end()
          : request.result({ tools: [] });
      await lastValueFrom(connectMcp(server.url).offer());
      await server.next('the stream', ({ httpMethod }) => httpMethod === 'GET');
      assert.equal(count('GET'), 1);
    });
  });

  it('hears of changes on the stream of a call', async () => {
    script = (request) => {
      request.event({ jsonrpc: '2.0', method: 'notifications/prompts/list_changed' });
      request.event({ jsonrpc: '2.0', id: request.body.id, result: text('ok') });
      request.response.end();
    };
    const backend = connectMcp(server.url);
    const changed = firstValueFrom(backend.changed$);
    assert.equal((await repliesOf(backend, backendCall('a'))).length, 1);
    await changed;
  });

  it('waits in close for calls to finish, as long as it may', async () => {
    script = () => undefined;
    const backend = connectMcp(server.url);
    const call = repliesOf(backend, backendCall('a'));
    const asked = await server.next('the call', isCall);
    const closed = backend.close(2000);
    asked.result(text('late'));
    await closed;
    assert.equal(textOf((await call)[0]), 'late');
    await assert.rejects(repliesOf(backend, backendCall('a')), { code: 'ERR_UPSTREAM_UNREACHABLE' });
  });
});
