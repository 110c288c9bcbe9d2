import assert from 'node:assert/strict';
import { once } from 'node:events';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import type { GatewayError } from '../../../src/protocol/errors.js';
import type { Backend, BackendCall } from '../../../src/streams/backend.js';
import type { AskReply, Reply } from '../../../src/streams/reply.js';
import { eventually } from '../../support/eventually.js';
import { within } from '../../support/within.js';
import { backendCall, repliesOf, textOf } from './backendCall.js';
import { connectMcp, disconnectAll } from './connectMcp.js';
import type { Received } from './scriptedServer.js';
import { sseServer, type SseScript, type SseServer, type SseStream } from './sseServer.js';

const text = (value: string) => ({ content: [{ type: 'text', text: value }] });
const isCall = ({ body }: Received): boolean => body.method === 'tools/call';
const nameOf = (body: Received['body']): string => String(body.params?.['name']);
const elicitation = { elicitation: {} };

describe('mcpBackend over HTTP+SSE', () => {
  let server: SseServer;
  let script: SseScript;
  let backend: Backend;

  beforeEach(async () => {
    script = { message: (body, stream) => stream.result(body, text(nameOf(body))) };
    server = await sseServer(script);
    backend = connectMcp(server.url, { protocol: 'sse', headers: { authorization: 'Bearer x' } });
  });
  afterEach(async () => {
    await disconnectAll();
    await server.close();
  });

  const stream = (at = 0): SseStream => {
    const found = server.streams[at];
    assert.ok(found, `there is no stream ${at}`);
    return found;
  };
  /** Starts a call; resolves when the server has it. */
  const start = async (name: string, overrides: Partial<BackendCall> = {}) => {
    const replies: Reply[] = [];
    const subscription = backend
      .invoke(backendCall(name, overrides))
      .subscribe({ next: (reply) => replies.push(reply), error: () => undefined });
    const { body, response } = await server.next(name, (seen) => isCall(seen) && nameOf(seen.body) === name);
    const id = new URL(response.req.url ?? '', server.url).searchParams.get('sessionId');
    const own = server.streams.find((candidate) => candidate.id === id) as SseStream;
    return { replies, subscription, body, stream: own };
  };

  it('opens a stream, initializes where it is told to post, and serves plain calls on it until it is closed', async () => {
    await Promise.all(['a', 'b', 'c'].map((name) => repliesOf(backend, backendCall(name))));
    assert.equal(server.opened, 1);
    const [get, initialize, initialized, call] = server.received;
    assert.deepEqual(
      [get?.httpMethod, get?.headers.accept, get?.response.req.url],
      ['GET', 'text/event-stream', '/sse'],
    );
    assert.equal(initialize?.response.req.url, '/messages?sessionId=s1');
    assert.equal(initialize.body.method, 'initialize');
    assert.equal(initialized?.body.method, 'notifications/initialized');
    assert.equal(call?.headers['mcp-protocol-version'], '2025-11-25');
    for (const { headers } of server.received) assert.equal(headers.authorization, 'Bearer x');
    const { closed } = stream();
    await backend.close(0);
    await within(1000, 'the end of the stream', closed);
  });

  it('gives each call its own answer, in whatever order they come', async () => {
    const waiting: (() => void)[] = [];
    script.message = (body, own) => {
      waiting.unshift(() => own.result(body, text(nameOf(body))));
      if (waiting.length === 3) for (const answer of waiting) answer();
    };
    const answers = await Promise.all(['a', 'b', 'c'].map((name) => repliesOf(backend, backendCall(name))));
    assert.deepEqual(
      answers.map((replies) => textOf(replies[0])),
      ['a', 'b', 'c'],
    );
  });

  it('passes on errors of the server as they are, in an answer or in the refusal of a POST', async () => {
    const error = { code: -32602, message: 'Unknown tool', data: { x: 1 } };
    script.message = (body, own) => void own.say({ jsonrpc: '2.0', id: body.id, error });
    assert.deepEqual(await repliesOf(backend, backendCall('a')), [{ kind: 'error', error }]);
    script.post = (request) => {
      if (isCall(request)) request.json({ jsonrpc: '2.0', id: null, error }, 400);
      return isCall(request);
    };
    assert.deepEqual(await repliesOf(backend, backendCall('a')), [{ kind: 'error', error }]);
  });

  describe('a call that can hear more than its answer', () => {
    it('has a connection of its own, which the next one like it takes over', async () => {
      script.message = (body, own) => {
        const progressToken = (body.params?.['_meta'] as { progressToken?: number } | undefined)
          ?.progressToken;
        const progress = (value: number) => ({
          jsonrpc: '2.0',
          method: 'notifications/progress',
          params: { progressToken, progress: value },
        });
        own.say(progress(1));
        own.say({ ...progress(2), params: { progressToken: 99, progress: 2 } });
        own.say(progress(3));
        own.result(body, text('ok'));
      };
      await lastValueFrom(backend.offer());
      for (const expected of [2, 2]) {
        const replies = await repliesOf(backend, backendCall('a', { progress: true }));
        assert.deepEqual(
          replies.map((reply) => (reply.kind === 'notification' ? reply.params : reply.kind)),
          [{ progress: 1 }, { progress: 3 }, 'result'],
        );
        assert.equal(server.opened, expected);
      }
      script.message = () => undefined;
      const [one, two] = [await start('x', { progress: true }), await start('y', { progress: true })];
      assert.notEqual(one.stream.id, two.stream.id);
      one.subscription.unsubscribe();
      two.subscription.unsubscribe();
    });

    it('is asked what its server asks, and nobody else is', async () => {
      script.message = () => undefined;
      const wanted = { capabilities: elicitation, principalId: 'ada' };
      const calls = [await start('one', wanted), await start('two', wanted)];
      const plain = await start('plain');
      for (const { stream: own, body } of calls)
        own.say({ jsonrpc: '2.0', id: 'q', method: 'elicitation/create', params: { message: nameOf(body) } });
      plain.stream.say({ jsonrpc: '2.0', id: 'p', method: 'elicitation/create', params: {} });
      for (const { replies, body, stream: own } of calls) {
        await eventually(2000, 'the question', () => replies.length === 1);
        const ask = replies[0] as AskReply;
        assert.deepEqual([ask.kind, ask.params], ['ask', { message: nameOf(body) }]);
        ask.answer({ result: { action: 'decline' } });
        await eventually(2000, 'the answer', () => server.said(own).includes('response'));
      }
      const refused = await server.next('the refusal', ({ body }) => 'error' in body);
      assert.equal((refused.body['error'] as { code: number }).code, -32601);
      assert.deepEqual(plain.replies, []);
      const declared = server.received.filter(({ body }) => body.method === 'initialize');
      assert.deepEqual(
        declared.map(({ body }) => body.params?.['capabilities']),
        [elicitation, elicitation, {}],
      );
      for (const { subscription } of [...calls, plain]) subscription.unsubscribe();
    });

    it('shares its connection with no other principal, and none after it was cancelled', async () => {
      const wanted = { capabilities: elicitation, principalId: 'ada' };
      await repliesOf(backend, backendCall('a', wanted));
      await repliesOf(backend, backendCall('b', { ...wanted, principalId: 'bob' }));
      assert.equal(server.opened, 2);
      await repliesOf(backend, backendCall('c', wanted));
      assert.equal(server.opened, 2);
      script.message = () => undefined;
      const call = await start('d', wanted);
      call.subscription.unsubscribe();
      await within(2000, 'the end of its stream', call.stream.closed);
      assert.equal(server.said(call.stream).at(-1), 'notifications/cancelled');
      const next = await start('e', wanted);
      assert.equal(server.opened, 3);
      next.subscription.unsubscribe();
    });

    it('hears log messages, after the level it needs has been set', async () => {
      script.capabilities = { tools: {}, logging: {} };
      script.message = (body, own) => {
        if (body.method === 'logging/setLevel') return own.result(body, {});
        for (const level of ['info', 'error'])
          own.say({ jsonrpc: '2.0', method: 'notifications/message', params: { level, data: level } });
        own.result(body, text('ok'));
      };
      for (const times of [1, 1]) {
        const replies = await repliesOf(backend, backendCall('a', { logLevel: 'warning' }));
        assert.deepEqual(
          replies.map((reply) => (reply.kind === 'notification' ? reply.params['level'] : reply.kind)),
          ['error', 'result'],
        );
        assert.equal(server.methods().filter((method) => method === 'logging/setLevel').length, times);
      }
    });
  });

  describe('cancelling', () => {
    it('tells the server within 100 ms, and the connection serves on', async () => {
      script.message = (body, own) => (nameOf(body) === 'hang' ? undefined : own.result(body, text('ok')));
      const call = await start('hang');
      const at = performance.now();
      call.subscription.unsubscribe();
      const cancel = await server.next('the cancel', ({ body }) => body.method === 'notifications/cancelled');
      assert.ok(performance.now() - at < 100);
      assert.deepEqual(cancel.body.params, { requestId: call.body.id });
      assert.equal(textOf((await repliesOf(backend, backendCall('b')))[0]), 'ok');
      assert.equal(server.opened, 1);
    });

    it('never overtakes the call', async () => {
      let take = (): void => undefined;
      script.post = (request) => {
        if (isCall(request)) take = () => void request.response.writeHead(202).end();
        return isCall(request);
      };
      const call = await start('hang');
      call.subscription.unsubscribe();
      await assert.rejects(
        within(
          100,
          'the cancel',
          server.next('the cancel', ({ body }) => body.method === 'notifications/cancelled'),
        ),
      );
      take();
      await server.next('the cancel', ({ body }) => body.method === 'notifications/cancelled');
    });

    for (const answered of [false, true])
      it(`leaves no POST behind that is never answered, when its call is ${answered ? 'over' : 'cancelled'}`, async () => {
        script.post = (request, own) => {
          if (!isCall(request)) return false;
          if (answered) own?.result(request.body, text('ok'));
          return true;
        };
        const call = await start('hang');
        const { response } = await server.next('the call', isCall);
        const closed = once(response, 'close');
        if (answered) await eventually(2000, 'the answer', () => call.replies.length === 1);
        else call.subscription.unsubscribe();
        await within(3000, 'the end of the POST', closed);
        if (!answered)
          await server.next('the cancel', ({ body }) => body.method === 'notifications/cancelled');
        call.subscription.unsubscribe();
      });
  });

  describe('changes', () => {
    it('are heard of on the standing stream, and supposed when it is lost', async () => {
      script.capabilities = { tools: { listChanged: true }, resources: { subscribe: true } };
      script.message = (body, stream) =>
        stream.result(body, { tools: [], resources: [], resourceTemplates: [] });
      await lastValueFrom(backend.offer());
      const changed = firstValueFrom(backend.changed$);
      server.streams[0]?.say({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
      await within(1000, 'the news', changed);

      const watching = backend.watch('doc:a');
      let lost: unknown;
      const watched = new Promise<void>((resolve) =>
        watching.subscribe({ next: resolve, error: (error: unknown) => (lost = error) }),
      );
      await within(1000, 'the watch', watched);
      const updated = firstValueFrom(backend.updated$);
      server.streams[0]?.say({
        jsonrpc: '2.0',
        method: 'notifications/resources/updated',
        params: { uri: 'doc:a' },
      });
      assert.equal(await within(1000, 'the update', updated), 'doc:a');

      const again = firstValueFrom(backend.changed$);
      server.streams[0]?.cut();
      await within(1000, 'the news', again);
      assert.equal((lost as GatewayError).code, 'ERR_UPSTREAM_SESSION_LOST');
    });

    it('are asked for no longer when nobody watches', async () => {
      script.capabilities = { resources: { subscribe: true } };
      script.message = (body, stream) => stream.result(body, {});
      const watch = backend.watch('doc:a');
      await new Promise<void>((resolve) => {
        const subscription = watch.subscribe(() => {
          setImmediate(() => subscription.unsubscribe());
          resolve();
        });
      });
      await server.next('the end of it', ({ body }) => body.method === 'resources/unsubscribe');
    });
  });
});
