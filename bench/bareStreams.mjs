/**
 * The yardstick for idle streams: the least that a Node server does to hold one. `node:http` writes the headers and one event of an
 * SSE stream and keeps the response in a set; `ws` without compression keeps the socket in a set. No sessions, no heartbeats, no
 * back-pressure, no events kept, nobody to tell anything.
 *
 * Run by streams.mjs as a process of its own; says `{ port }` over IPC when it listens.
 */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const held = new Set();

const hold = (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.write('data: {"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged"}\n\n');
  held.add(response);
  response.once('close', () => held.delete(response));
};

const answerTo = ({ id, params }) =>
  JSON.stringify({
    jsonrpc: '2.0',
    id,
    result: { protocolVersion: params?.protocolVersion, capabilities: {}, serverInfo: { name: 'bare' } },
  });

const post = (response, message) => {
  if (message.method === 'subscriptions/listen') return hold(response);
  if (message.id === undefined) return void response.writeHead(202).end();
  response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'bare' });
  response.end(answerTo(message));
};

const server = createServer((request, response) => {
  if (request.method === 'GET') return hold(response);
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => post(response, JSON.parse(Buffer.concat(chunks).toString())));
});

const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (socket) => {
  held.add(socket);
  socket.once('close', () => held.delete(socket));
  socket.on('message', (data) => {
    const message = JSON.parse(data.toString());
    if (message.id !== undefined) socket.send(answerTo(message));
  });
});

server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit());
