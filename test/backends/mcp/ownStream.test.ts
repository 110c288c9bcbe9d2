import assert from 'node:assert/strict';
import { lastValueFrom } from 'rxjs';
import type { Backend, BackendCall } from '../../../src/streams/backend.js';
import type { AskReply, Reply } from '../../../src/streams/reply.js';
import { eventually } from '../../support/eventually.js';
import { backendCall, textOf } from './backendCall.js';
import { connectMcp, disconnectAll } from './connectMcp.js';
import { legacyScript, legacyState, type LegacyState } from './legacyScript.js';
import { scriptedServer, type Received, type ScriptedServer } from './scriptedServer.js';

const elicitation = {
  jsonrpc: '2.0',
  id: 'ask-1',
  method: 'elicitation/create',
  params: { message: 'Name?', requestedSchema: { type: 'object', properties: { name: { type: 'string' } } } },
};
const askable: Partial<BackendCall> = { capabilities: { elicitation: {} } };

describe("mcpBackend, what a legacy server asks on its session's own stream", () => {
  let server: ScriptedServer;
  let state: LegacyState;
  let capabilities: Record<string, unknown>;
  /** The own stream of each session. */
  let streams: Map<string, Received>;
  let onGet: (request: Received) => void;
  let calls: Received[];
  let answers: Received[];

  const sessionOf = ({ headers }: Received) => String(headers['mcp-session-id']);
  const open = (request: Received): void => {
    streams.set(sessionOf(request), request);
    request.response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  };
  const done = (call: Received | undefined, text = 'done') =>
    call?.result({ content: [{ type: 'text', text }] });
  /** Says something on the own stream of the session that a call came in. */
  const say = (call: Received, message: unknown) => streams.get(sessionOf(call))?.event(message);

  beforeEach(async () => {
    state = legacyState();
    capabilities = { tools: {} };
    streams = new Map();
    onGet = open;
    calls = [];
    answers = [];
    server = await scriptedServer((request) => {
      if (request.httpMethod === 'POST' && request.body.method === undefined) answers.push(request);
      if (legacyScript(request, state, capabilities)) return;
      if (request.httpMethod === 'GET') return onGet(request);
      if (request.body.method !== 'tools/call') return request.result({});
      calls.push(request);
    });
  });
  afterEach(async () => {
    await disconnectAll();
    await server.close();
  });

  const connect = () => connectMcp(server.url, { protocol: 'legacy' });
  /** Starts a call; what it has been asked and how it ended can be looked at. */
  const start = (backend: Backend, overrides = askable) => {
    const call = {
      asks: [] as AskReply[],
      replies: [] as Reply[],
      error: undefined as unknown,
      leave: () => subscription.unsubscribe(),
    };
    const subscription = backend.invoke(backendCall('a', overrides)).subscribe({
      next: (reply) => void (reply.kind === 'ask' ? call.asks.push(reply) : call.replies.push(reply)),
      error: (error: unknown) => void (call.error = error),
    });
    return call;
  };
  const arrived = (count: number) => eventually(3000, `${count} calls`, () => calls.length === count);
  const answered = (count: number) => eventually(3000, `${count} answers`, () => answers.length === count);

  it('opens that stream before the first call of a client that can be asked', async () => {
    start(connect());
    await arrived(1);
    assert.deepEqual([...streams.keys()], [sessionOf(calls[0] as Received)]);
  });

  it('asks the client of the call under way, and brings its answer', async () => {
    const call = start(connect());
    await arrived(1);
    say(calls[0] as Received, elicitation);
    await eventually(3000, 'the ask', () => call.asks.length === 1);
    assert.deepEqual(
      [call.asks[0]?.method, call.asks[0]?.params],
      ['elicitation/create', elicitation.params],
    );
    call.asks[0]?.answer({ result: { action: 'accept', content: { name: 'Ada' } } });
    await answered(1);
    assert.equal(answers[0]?.body.id, 'ask-1');
    assert.deepEqual(answers[0].body['result'], { action: 'accept', content: { name: 'Ada' } });
    done(calls[0]);
    await eventually(3000, 'the result', () => call.replies.length === 1);
    assert.equal(textOf(call.replies[0]), 'done');
  });

  it('refuses what the client can not answer, and what is asked while no call is under way', async () => {
    const backend = connect();
    const call = start(backend);
    await arrived(1);
    say(calls[0] as Received, { ...elicitation, method: 'sampling/createMessage' });
    await answered(1);
    done(calls[0]);
    await eventually(3000, 'the result', () => call.replies.length === 1);
    say(calls[0] as Received, elicitation);
    await answered(2);
    assert.deepEqual(
      answers.map(({ body }) => (body['error'] as { code: number }).code),
      [-32601, -32601],
    );
    assert.equal(call.asks.length, 0);
  });

  it('refuses what could be meant for two calls, and from then on runs calls in sessions of their own', async () => {
    const backend = connect();
    const first = start(backend);
    const second = start(backend);
    await arrived(2);
    say(calls[0] as Received, elicitation);
    await answered(1);
    assert.equal(first.asks.length + second.asks.length, 0);
    done(calls[0]);
    done(calls[1]);
    await eventually(3000, 'the results', () => first.replies.length + second.replies.length === 2);

    const third = start(backend);
    const fourth = start(backend);
    await arrived(4);
    const [a, b] = calls.slice(2) as [Received, Received];
    assert.notEqual(sessionOf(a), sessionOf(b));
    say(a, elicitation);
    say(b, { ...elicitation, id: 'ask-2' });
    await eventually(3000, 'the asks', () => third.asks.length + fourth.asks.length === 2);
    assert.deepEqual([third.asks.length, fourth.asks.length], [1, 1]);
    const opened = state.opened;
    done(a);
    done(b);
    await eventually(3000, 'the results', () => third.replies.length + fourth.replies.length === 2);
    start(backend);
    await arrived(5);
    assert.equal(state.opened, opened, 'a session that is free is used again');
  });

  it('does not tell two calls of a principal apart by chance: the only one left is asked', async () => {
    const backend = connect();
    const first = start(backend);
    const second = start(backend);
    await arrived(2);
    first.leave();
    await server.next('the cancel', ({ body }) => body.method === 'notifications/cancelled');
    say(calls[1] as Received, elicitation);
    await eventually(3000, 'the ask', () => second.asks.length === 1);
    assert.equal(first.asks.length, 0);
  });

  for (const [what, answer] of [
    ['offers no such stream', (request: Received) => request.response.writeHead(405).end()],
    ['knows no such path', (request: Received) => request.response.writeHead(404).end()],
    ['drops the connection', (request: Received) => request.response.destroy()],
  ] as const)
    it(`calls a server that ${what} as ever, in one session`, async () => {
      onGet = answer;
      const backend = connect();
      const call = start(backend);
      await arrived(1);
      done(calls[0]);
      await eventually(3000, 'the result', () => call.replies.length === 1);
      start(backend);
      await arrived(2);
      assert.equal(state.opened, 1);
    });

  it('does not wait for a stream that does not open', async () => {
    onGet = () => undefined;
    const backend = connect();
    start(backend);
    await arrived(1);
    const at = performance.now();
    start(backend);
    await arrived(2);
    assert.ok(performance.now() - at < 500, 'it has waited once');
  });

  it('answers a ping there, whoever the session is for', async () => {
    capabilities = { tools: { listChanged: true } };
    await lastValueFrom(connect().offer());
    await eventually(3000, 'the stream', () => streams.size === 1);
    for (const stream of streams.values()) stream.event({ jsonrpc: '2.0', id: 0, method: 'ping' });
    await answered(1);
    assert.deepEqual(answers[0]?.body, { jsonrpc: '2.0', id: 0, result: {} });
  });

  it('opens none for a client that can not be asked when the server has nothing to tell', async () => {
    start(connect(), {});
    await arrived(1);
    assert.equal(streams.size, 0);
  });
});
