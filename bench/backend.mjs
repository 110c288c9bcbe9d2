/**
 * The server behind every target: an MCP server that does as little as one can and still be called one, plus a REST resource.
 *
 * It answers the 2026-07-28 era (`server/discover`, `tools/list`, `tools/call`) and lets 2025-era clients in (`initialize` with
 * a session id). Each answer is one JSON object with a `content-length`; nothing is logged or kept, so what is measured is the
 * road to it and not the server.
 *
 * Run by run.mjs as a process of its own, `node backend.mjs [TOOLS]`; says `{ port }` over IPC when it listens.
 */
import { createServer } from 'node:http';
import { answerTo, toolsOf } from './answers.mjs';

const tools = toolsOf(Number(process.argv[2] ?? 1));

const send = (response, status, message, headers) => {
  const body = JSON.stringify(message);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
};

const answer = (response, message) => {
  if (message.id === undefined) return void response.writeHead(202).end();
  const answered = answerTo(message, tools);
  const session = message.method === 'initialize' ? { 'mcp-session-id': 'bench-session' } : undefined;
  send(response, answered.error === undefined ? 200 : 404, answered, session);
};

const server = createServer((request, response) => {
  if (request.method === 'GET' && request.url.startsWith('/items/')) {
    const [path] = request.url.split('?', 1);
    return send(response, 200, { text: decodeURIComponent(path.slice('/items/'.length)) });
  }
  if (request.method !== 'POST') return void response.writeHead(405, { allow: 'POST' }).end();
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => answer(response, JSON.parse(Buffer.concat(chunks).toString())));
});
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit());
