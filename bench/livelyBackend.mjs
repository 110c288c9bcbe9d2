/**
 * A server of 2026-07-28 in which something happens: its tool `ticks` tells of its progress at a steady pace, each time with the time at
 * which it did, and its tools change when it is told to.
 *
 *     node livelyBackend.mjs TOOLS
 *
 * A process of its own; says `{ port }` over IPC when it listens, takes `{ change: MARK }` (the descriptions of all tools have the mark from
 * then on) and answers `{ changedAt }`. Times are those of `now` (now.mjs).
 */
import { createServer } from 'node:http';
import { answerTo, toolsOf } from './answers.mjs';
import { now } from './now.mjs';

const count = Number(process.argv[2]);
const ticking = {
  name: 'ticks',
  description: 'Tells of its progress',
  inputSchema: {
    type: 'object',
    properties: { count: { type: 'integer' }, everyMs: { type: 'integer' } },
    required: ['count', 'everyMs'],
  },
};
const toolsWith = (mark) => [...toolsOf(count, mark), ticking];
let tools = toolsWith('');
const listening = new Map();

const event = (message) => `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`;

const openStream = (response) =>
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });

const ofStream = (id) => ({ _meta: { 'io.modelcontextprotocol/subscriptionId': id } });

const listen = (response, { id, params }) => {
  openStream(response);
  const { toolsListChanged } = params.notifications;
  const notifications = toolsListChanged ? { toolsListChanged } : {};
  response.write(
    event({
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications, ...ofStream(id) },
    }),
  );
  if (!toolsListChanged) return;
  listening.set(response, id);
  response.once('close', () => listening.delete(response));
};

const tick = (response, { id, params }) => {
  openStream(response);
  const { progressToken } = params._meta;
  const { count: total, everyMs } = params.arguments;
  let progress = 0;
  const timer = setInterval(() => {
    progress++;
    const method = 'notifications/progress';
    response.write(event({ method, params: { progressToken, progress, total, message: String(now()) } }));
    if (progress < total) return;
    clearInterval(timer);
    response.end(
      event({ id, result: { resultType: 'complete', content: [{ type: 'text', text: 'done' }] } }),
    );
  }, everyMs);
  response.once('close', () => clearInterval(timer));
};

const answer = (response, message) => {
  const { id, method, params } = message;
  if (id === undefined) return void response.writeHead(202).end();
  if (method === 'subscriptions/listen') return listen(response, message);
  if (method === 'tools/call' && params.name === 'ticks') return tick(response, message);
  const answered = answerTo(message, tools, { tools: { listChanged: true } });
  response.writeHead(answered.error === undefined ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answered));
};

const server = createServer((request, response) => {
  if (request.method !== 'POST') return void response.writeHead(405, { allow: 'POST' }).end();
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => answer(response, JSON.parse(Buffer.concat(chunks).toString())));
});
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

process.on('message', ({ change }) => {
  tools = toolsWith(change);
  const changedAt = now();
  for (const [response, id] of listening)
    response.write(event({ method: 'notifications/tools/list_changed', params: ofStream(id) }));
  process.send({ changedAt });
});
process.on('disconnect', () => process.exit());
