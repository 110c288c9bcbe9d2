/**
 * Entry of one of several instances of a server, in a process of its own: `instanceProcess.ts KIND FILE PORT`. Says `{ port }` over IPC,
 * takes the name of a mood, and `tell`, which is answered with `called` when it has done its next piece of work.
 *
 * What it does is written to FILE before it is answered, a line a call. SIGTERM lets it finish what it has begun.
 */
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BackendKind, Did } from './backend.js';
import type { Mood } from './startInstance.js';

const [kind = 'rest', file = '', port] = process.argv.slice(2);
let mood: Mood = 'well';
let asked = false;

const did: Did = (what, key) => {
  appendFileSync(file, `${what} ${key}\n`);
  if (!asked) return;
  asked = false;
  process.send?.('called');
};

const handlerOf = async (backend: BackendKind) => {
  if (backend === 'rest') return (await import('./restHandler.js')).restHandler(did);
  const { legacyHandler, modernHandler } = await import('./mcpHandlers.js');
  return backend === 'legacy' ? legacyHandler(did) : modernHandler(did);
};

const handle = await handlerOf(kind as BackendKind);
let ending = false;
let underWay = 0;
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    // Takes the request and nothing more: it neither does its work nor answers.
    if (mood === 'silent') return;
    if (mood === 'failing') return void response.writeHead(500).end();
    if (ending) response.setHeader('connection', 'close');
    const body = Buffer.concat(chunks).toString();
    // Streams that are listened to have no end of their own.
    if (kind === 'rest' || body.includes('"tools/call"')) {
      underWay++;
      response.once('close', () => {
        underWay--;
        if (ending && underWay === 0) process.exit();
      });
    }
    void handle(request, response, body);
  });
});
server.listen(Number(port), '127.0.0.1', () =>
  process.send?.({ port: (server.address() as AddressInfo).port }),
);

process.on('message', (message: Mood | 'tell') => {
  if (message === 'tell') asked = true;
  else mood = message;
});
process.once('SIGTERM', () => {
  ending = true;
  server.close();
  server.closeIdleConnections();
  if (underWay === 0) process.exit();
});
process.once('disconnect', () => process.exit());
