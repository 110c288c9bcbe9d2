/**
 * The yardstick: the least that any gateway in Node has to do.
 *
 * `node:http` in front; reads the body, parses it, gives it an id of its own, forwards it re-encoded through one
 * `undici` `Pool.dispatch`, collects and parses the answer, puts the client's id back and sends it. No routing, no sessions,
 * no checks, no log, no cancellation. Whoever is as fast as this has added nothing that can be felt.
 *
 * Run by run.mjs as a process of its own: `node bareProxy.mjs BACKEND_ORIGIN`; says `{ port }` over IPC when it listens.
 */
import { createServer } from 'node:http';
import { Pool } from 'undici';

const pool = new Pool(process.argv[2]);
let lastId = 0;

/** What a proxy has to hand on so that the backend can serve both eras. */
const handedOn = ['accept', 'mcp-protocol-version', 'mcp-method', 'mcp-name', 'mcp-session-id'];

const forwardHeaders = (headers) => {
  const forwarded = { 'content-type': 'application/json' };
  for (const name of handedOn) if (headers[name] !== undefined) forwarded[name] = headers[name];
  return forwarded;
};

const forward = (request, response, message) => {
  const { id } = message;
  const body = JSON.stringify(id === undefined ? message : { ...message, id: ++lastId });
  const chunks = [];
  let status = 502;
  let head = {};
  pool.dispatch(
    { path: '/mcp', method: 'POST', headers: forwardHeaders(request.headers), body },
    {
      onRequestStart() {},
      onResponseStart(_controller, code, headers) {
        status = code;
        head = headers;
      },
      onResponseData(_controller, chunk) {
        chunks.push(chunk);
      },
      onResponseEnd() {
        respond(response, status, head, id, Buffer.concat(chunks).toString());
      },
      onResponseError(_controller, error) {
        response.writeHead(502).end(error.message);
      },
    },
  );
};

const respond = (response, status, head, id, text) => {
  const headers = {};
  if (head['mcp-session-id'] !== undefined) headers['mcp-session-id'] = head['mcp-session-id'];
  if (text === '') return void response.writeHead(status, headers).end();
  const body = JSON.stringify({ ...JSON.parse(text), id });
  headers['content-type'] = 'application/json';
  headers['content-length'] = Buffer.byteLength(body);
  response.writeHead(status, headers);
  response.end(body);
};

const server = createServer((request, response) => {
  if (request.method !== 'POST') return void response.writeHead(405, { allow: 'POST' }).end();
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => forward(request, response, JSON.parse(Buffer.concat(chunks).toString())));
});
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit());
// A plain exit, so that a profile is written when one was asked for.
process.on('SIGTERM', () => process.exit());
