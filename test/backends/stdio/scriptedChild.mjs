/**
 * A stdio MCP server for tests: `scriptedChild.mjs ERA [HABIT…]`. Plain JavaScript, so that it starts as fast as Node does.
 *
 * Eras: `legacy`, `modern`. Habits: `diesOnProbe` exits on any request before `initialize`; `mute` does not answer the probe;
 * `noisy` writes to stdout what is no message; `stubborn` ignores an ended stdin and SIGTERM; `parent` starts a child of its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const [era, ...habits] = process.argv.slice(2);
const has = (habit) => habits.includes(habit);
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const grandchild = has('parent')
  ? spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
  : undefined;

if (has('stubborn')) {
  process.on('SIGTERM', () => process.stderr.write('no\n'));
  setInterval(() => undefined, 1000);
}
if (has('noisy')) process.stdout.write('Server listening!\n42\n{"half\n');

const input = createInterface({ input: process.stdin });
const told = [];
/** Ids of the listen streams that are open. */
const listens = [];
const text = (value) => ({
  ...(era === 'modern' ? { resultType: 'complete' } : {}),
  content: [{ type: 'text', text: value }],
});

const tools = {
  echo: (id, { arguments: args }) => send({ id, result: text(JSON.stringify(args)) }),
  facts: (id) =>
    send({
      id,
      result: text(
        JSON.stringify({
          pid: process.pid,
          grandchild: grandchild?.pid,
          env: Object.keys(process.env),
          cwd: process.cwd(),
          told,
        }),
      ),
    }),
  hang: () => undefined,
  exit: () => process.exit(3),
  progress(id, { _meta }) {
    const { progressToken } = _meta ?? {};
    for (const progress of [1, 2, 2, 3])
      send({ method: 'notifications/progress', params: { progressToken, progress } });
    send({ method: 'notifications/message', params: { level: 'error', data: 'log' } });
    send({ method: 'notifications/tools/list_changed' });
    send({ id, result: text('done') });
  },
  flood(id, { _meta }) {
    for (let progress = 1; progress <= 1000; progress++)
      send({ method: 'notifications/progress', params: { progressToken: _meta.progressToken, progress } });
    send({ id, result: text('done') });
  },
  large: (id, { arguments: { bytes } }) => send({ id, result: text('x'.repeat(bytes)) }),
  // Its own request happens to have the number of the client's: it is another one.
  asksLargely(id, { arguments: { bytes } }) {
    send({ id, method: 'roots/list', params: { padding: 'x'.repeat(bytes) } });
    send({ id, result: text('done') });
  },
  // Ends when all of what it asked has been answered.
  async waitsLargely(id, { arguments: { bytes } }) {
    const padding = 'x'.repeat(bytes);
    const line = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
    line({ jsonrpc: '2.0', id: 'first', method: 'roots/list', params: { padding } });
    line({ method: 'roots/list', params: { padding, id: 9 }, jsonrpc: '2.0', id: 'last' });
    line({ method: 'roots/list', params: { padding }, id: 77, jsonrpc: '2.0' });
    line({ jsonrpc: '2.0', method: 'notifications/message', params: { padding, data: { id: 5 } } });
    const answers = () => told.filter(({ error }) => error !== undefined);
    while (answers().length < 3) await once(input, 'line');
    send({ id, result: text(JSON.stringify(answers().map((answer) => [answer.id, answer.error.code]))) });
  },
  completes(id, { arguments: { elicitationId } }) {
    send({ method: 'notifications/elicitation/complete', params: { elicitationId } });
    send({ id, result: text('done') });
  },
  tellsLargely(id, { arguments: { bytes } }) {
    send({
      method: 'notifications/message',
      params: { level: 'info', data: 'x'.repeat(bytes) },
      id: undefined,
    });
    send({ id, result: text('done') });
  },
  endsWithAnId: (id, { arguments: { bytes } }) =>
    send({ result: { content: [{ type: 'text', text: 'x'.repeat(bytes) }], _meta: { id: 2 } }, id }),
  update(id, { arguments: { uri } }) {
    const updated = (_meta) =>
      send({ method: 'notifications/resources/updated', params: { uri, ...(_meta && { _meta }) } });
    if (era === 'legacy') updated();
    // The first is of a stream that nobody has opened.
    else for (const stream of [-1, ...listens]) updated({ 'io.modelcontextprotocol/subscriptionId': stream });
    send({ id, result: text(String(listens.length)) });
  },
  asks(id) {
    send({ id: 'ping', method: 'ping' });
    send({ id: 'roots', method: 'roots/list' });
    // Time for answers: whether one comes is what the tests ask, and some give none, so it can't be awaited.
    setTimeout(() => send({ id, result: text(JSON.stringify(told)) }), 50);
  },
};

const hello = { capabilities: { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} } };
const methods = {
  'server/discover': (id) => {
    if (has('diesOnProbe')) process.exit(1);
    if (has('mute')) return;
    if (era === 'modern')
      send({ id, result: { resultType: 'complete', supportedVersions: ['2026-07-28'], ...hello } });
    else send({ id, error: { code: -32601, message: 'Method not found' } });
  },
  initialize: (id) =>
    era === 'legacy'
      ? send({
          id,
          result: { protocolVersion: '2025-06-18', serverInfo: { name: 'child', version: '1' }, ...hello },
        })
      : send({ id, error: { code: -32022, message: 'no', data: { supported: ['2026-07-28'] } } }),
  'tools/list': (id) =>
    send({
      id,
      result: { tools: Object.keys(tools).map((name) => ({ name, inputSchema: { type: 'object' } })) },
    }),
  'logging/setLevel': (id) => send({ id, result: {} }),
  'subscriptions/listen': (id, { notifications }) => {
    listens.push(id);
    send({
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications, _meta: { 'io.modelcontextprotocol/subscriptionId': id } },
    });
  },
  'resources/list': (id) => send({ id, result: { resources: [{ uri: 'doc:a', name: 'a' }] } }),
  'resources/templates/list': (id) => send({ id, result: { resourceTemplates: [] } }),
  'resources/subscribe': (id) => send({ id, result: {} }),
  'resources/unsubscribe': (id) => send({ id, result: {} }),
  'tools/call': (id, params) => tools[params.name](id, params),
};

input.on('line', (line) => {
  const message = JSON.parse(line);
  told.push(message);
  if (message.method === 'notifications/cancelled' && listens.includes(message.params.requestId))
    listens.splice(listens.indexOf(message.params.requestId), 1);
  if (message.method !== undefined && message.id !== undefined)
    methods[message.method](message.id, message.params);
});
