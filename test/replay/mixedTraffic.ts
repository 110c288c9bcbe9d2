import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request, type Dispatcher } from 'undici';
import { WebSocket } from 'ws';
import { text as textOf, type McpTools } from '../support/mcpTools.js';
import { modernRequest } from '../support/modern.js';

/** Tools whose answers depend on their arguments alone. `greeting` is what a change in the backend changes. */
export const replayedTools = (greeting: () => string): McpTools => ({
  echo: (call) => call.reply(textOf(JSON.stringify(call.arguments))),
  greet: (call) =>
    call.reply({
      content: [{ type: 'text', text: 'done' }],
      structuredContent: { greeting: greeting(), to: call.arguments['n'] },
    }),
  fails: (call) => call.reply({ ...textOf(`no ${String(call.arguments['n'])}`), isError: true }),
  steps: (call) => {
    const { progressToken } = call.meta;
    for (const progress of [1, 2, 3])
      call.notify('notifications/progress', {
        progressToken,
        progress,
        total: 3,
        message: `${progress} of ${String(call.arguments['n'])}`,
      });
    call.reply(textOf('climbed'));
  },
});

/** Sends a message and resolves when it has its answer. */
type Send = (message: Readonly<Record<string, unknown>>) => Promise<unknown>;

const both = 'application/json, text/event-stream';

/** What one client does: every kind of call there is, some of them wrong. */
const visits = (
  n: number,
): readonly (readonly [method: string, params: Readonly<Record<string, unknown>>])[] => [
  ['tools/list', {}],
  ['tools/call', { name: 'back_echo', arguments: { n, text: 'ü🎉' } }],
  ['tools/call', { name: 'back_steps', arguments: { n }, _meta: { progressToken: `token ${n}` } }],
  ['tools/call', { name: 'back_greet', arguments: { n } }],
  ['tools/call', { name: 'back_fails', arguments: { n } }],
  ['tools/call', { name: 'nobody_knows', arguments: { n } }],
  ['tools/call', { name: 'old_echo', arguments: { n } }],
  ['resources/read', { uri: `file:///nowhere/${n}` }],
];

/** How many calls {@link mixedTraffic} makes for each of its rounds. */
export const callsPerRound = 4 * 8;

/**
 * Clients of both eras on all transports, in rounds: each round has a session over HTTP, one over HTTP+SSE, one on a WebSocket, and callers
 * without a session.
 */
export const mixedTraffic = async (port: number, rounds: number): Promise<void> => {
  const agent = new Agent({ connections: 32 });
  try {
    const waiting = Array.from({ length: rounds }, (_, index) => index);
    const worker = async (): Promise<void> => {
      for (let round = waiting.shift(); round !== undefined; round = waiting.shift())
        await Promise.all([
          legacySession(port, agent, round),
          modernCaller(port, agent, round),
          webSocket(port, round),
          legacySse(port, agent, round),
        ]);
    };
    await Promise.all(Array.from({ length: 4 }, worker));
  } finally {
    await agent.close();
  }
};

const initialize = (version: string) => ({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: version, capabilities: {}, clientInfo: { name: 'mixed', version: '1' } },
});

/** Calls one after another, two of them at a time. */
const visit = async (send: Send, n: number): Promise<void> => {
  const calls = visits(n).map(([method, params], index) => ({
    jsonrpc: '2.0',
    id: index + 1,
    method,
    params,
  }));
  for (let index = 0; index < calls.length; index += 2)
    await Promise.all(calls.slice(index, index + 2).map(send));
};

const post = async (
  port: number,
  dispatcher: Dispatcher,
  body: unknown,
  headers: Readonly<Record<string, string | undefined>>,
  path = '/mcp',
) => {
  const response = await request(`http://127.0.0.1:${port}${path}`, {
    dispatcher,
    method: 'POST',
    headers: { accept: both, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { ...response, text: await response.body.text() };
};

const legacySession = async (port: number, agent: Agent, n: number): Promise<void> => {
  const opened = await post(port, agent, initialize('2025-06-18'), {});
  assert.equal(opened.statusCode, 200, opened.text);
  const headers = {
    'mcp-session-id': String(opened.headers['mcp-session-id']),
    'mcp-protocol-version': '2025-06-18',
  };
  await post(port, agent, { jsonrpc: '2.0', method: 'notifications/initialized' }, headers);
  await visit((message) => post(port, agent, message, headers), n);
  const ended = await request(`http://127.0.0.1:${port}/mcp`, {
    dispatcher: agent,
    method: 'DELETE',
    headers,
  });
  await ended.body.dump();
  // Too late.
  await post(port, agent, { jsonrpc: '2.0', id: 99, method: 'ping' }, headers);
};

const modernCaller = async (port: number, agent: Agent, n: number): Promise<void> => {
  await visit(({ method, params, id }) => {
    const { _meta: meta, ...rest } = params as { _meta?: Record<string, unknown> };
    const made = modernRequest(String(method), rest, { id: id as number, ...(meta && { meta }) });
    return post(port, agent, made.body, made.headers ?? {});
  }, n);
};

/** A client of a connection: answers are told apart by their ids. */
const conversation = (transmit: (text: string) => unknown) => {
  const waiting = new Map<unknown, (message: unknown) => void>();
  return {
    take(text: string): void {
      const message = JSON.parse(text) as { readonly id?: unknown };
      waiting.get(message.id)?.(message);
      waiting.delete(message.id);
    },
    send: (message: Readonly<Record<string, unknown>>): Promise<unknown> =>
      new Promise((resolve) => {
        waiting.set(message['id'], resolve);
        transmit(JSON.stringify(message));
      }),
    tell: (message: unknown): unknown => transmit(JSON.stringify(message)),
  };
};

const webSocket = async (port: number, n: number): Promise<void> => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/mcp`, 'mcp');
  await once(socket, 'open');
  const { take, send, tell } = conversation((text) => socket.send(text));
  socket.on('message', (data: Buffer) => take(data.toString()));
  await send(initialize('2025-11-25'));
  tell({ jsonrpc: '2.0', method: 'notifications/initialized' });
  await visit(send, n);
  // The other era on the same connection.
  await send(modernRequest('tools/call', { name: 'back_echo', arguments: { n } }).body);
  socket.close();
  await once(socket, 'close');
};

const legacySse = async (port: number, agent: Agent, n: number): Promise<void> => {
  const stream = await request(`http://127.0.0.1:${port}/sse`, {
    dispatcher: agent,
    headers: { accept: 'text/event-stream' },
  });
  let endpoint = '';
  const { take, send, tell } = conversation((text) => post(port, agent, JSON.parse(text), {}, endpoint));
  const opened = new Promise<void>((resolve) => {
    let rest = '';
    stream.body.setEncoding('utf8');
    stream.body.on('data', (chunk: string) => {
      const events = (rest + chunk).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) {
        const data = /^data: (.*)$/m.exec(event)?.[1] ?? '';
        if (event.startsWith('event: endpoint')) {
          endpoint = data;
          resolve();
        } else if (data !== '') take(data);
      }
    });
  });
  stream.body.on('error', () => undefined);
  await opened;
  await send(initialize('2024-11-05'));
  await tell({ jsonrpc: '2.0', method: 'notifications/initialized' });
  await visit(send, n);
  stream.body.destroy();
};
