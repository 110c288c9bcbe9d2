/**
 * Entry of one of several instances of an MCP server, in a process of its own: `instanceProcess.ts FILE PORT`. Says `{ port }` over IPC,
 * and takes the name of a mood over IPC.
 *
 * Two tools: `read` may be repeated, `pay` may not. Each writes a line to FILE before it is answered, whatever happens to the process then.
 */
import { appendFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Mood } from './startInstance.js';

interface Message {
  readonly id?: string | number;
  readonly method: string;
  readonly params?: { readonly name?: string; readonly arguments?: { readonly key?: string } };
}

const [file = '', port] = process.argv.slice(2);
let mood: Mood = 'well';
process.on('message', (next: Mood) => {
  mood = next;
});
process.once('disconnect', () => process.exit());

const fresh = { resultType: 'complete', ttlMs: 60_000, cacheScope: 'public' };
const tools = ['read', 'pay'].map((name) => ({
  name,
  inputSchema: { type: 'object' },
  annotations: { readOnlyHint: name === 'read' },
}));

const resultOf = ({ method, params }: Message): Record<string, unknown> | undefined => {
  if (method === 'server/discover')
    return { ...fresh, supportedVersions: ['2026-07-28'], capabilities: { tools: {} } };
  if (method === 'tools/list') return { ...fresh, tools };
  if (method !== 'tools/call') return undefined;
  appendFileSync(file, `${String(params?.name)} ${String(params?.arguments?.key)}\n`);
  return { resultType: 'complete', content: [{ type: 'text', text: 'done' }] };
};

const answer = (message: Message, response: ServerResponse): void => {
  const { id } = message;
  if (id === undefined) return void response.writeHead(202).end();
  // Takes the request and nothing more: it neither does its work nor answers.
  if (mood === 'silent') return;
  if (mood === 'failing') return void response.writeHead(500).end();
  const result = resultOf(message);
  const body =
    result === undefined
      ? { jsonrpc: '2.0', id, error: { code: -32601, message: 'Unknown method' } }
      : { jsonrpc: '2.0', id, result };
  response.writeHead(result === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => answer(JSON.parse(Buffer.concat(chunks).toString()) as Message, response));
});
server.listen(Number(port), '127.0.0.1', () =>
  process.send?.({ port: (server.address() as AddressInfo).port }),
);
