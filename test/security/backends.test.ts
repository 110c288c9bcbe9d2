import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { ask } from '../support/ask.js';
import { callOf } from './attempts.js';
import { isRefusal, revealsNothing, type Refusal } from './refuses.js';
import { setStage, type Stage } from './stage.js';
import type { Answer } from './witness.js';

const canary = 'CANARY-credential-of-the-backend';

/** What the backend does when it is called. */
type Misdeed = (id: unknown, response: Parameters<Answer>[1]) => void;

const result = (id: unknown, text: string) => ({
  jsonrpc: '2.0',
  id,
  result: { resultType: 'complete', content: [{ type: 'text', text }] },
});
const json =
  (body: unknown, status = 200): Misdeed =>
  (_id, response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(typeof body === 'string' ? body : JSON.stringify(body));
const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
const gzipped: Misdeed = (_id, response) =>
  void response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb);

const mcp: Readonly<Record<string, readonly [Misdeed, Refusal]>> = {
  'an answer for another id': [
    (_id, response) => json(result('another', 'not yours'))(_id, response),
    [200, -32603, 'The backend answered another request than it was asked'],
  ],
  'no JSON': [json('<html>'), [200, -32603, 'The backend answered with what is no MCP message']],
  'JSON that is no message': [
    json('[1,2]'),
    [200, -32603, 'The backend sent what is no message of the protocol'],
  ],
  'a result that is no object': [
    (id, response) => json({ jsonrpc: '2.0', id, result: 5 })(id, response),
    [200, -32603, 'The backend sent what is no message of the protocol'],
  ],
  'an answer of 100,000 levels': [
    (id, response) =>
      json(
        `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
      )(id, response),
    [200, -32603, 'The backend answered with what is no MCP message'],
  ],
  'a zip bomb': [gzipped, [200, -32603, 'The backend answered with what is no MCP message']],
  'an answer larger than is taken': [
    (id, response) => json(result(id, 'x'.repeat(2 * 1024 * 1024)))(id, response),
    [200, -32603, 'The backend sent an answer that is too large'],
  ],
  'an event larger than is taken': [
    (_id, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`data: ${'x'.repeat(2 * 1024 * 1024)}`);
    },
    [200, -32603, 'The backend sent an event that is too large'],
  ],
  'a stream that ends without an answer': [
    (_id, response) =>
      void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(': hello\n\n'),
    [200, -32603, 'The backend ended its answer before it was complete'],
  ],
  'a redirect to somewhere else': [
    (_id, response) => void response.writeHead(307, { location: 'http://127.0.0.1:1/mcp' }).end(),
    [200, -32603, 'The backend redirects elsewhere (HTTP 307)'],
  ],
  'a page that shows its insides': [
    (_id, response) =>
      void response
        .writeHead(500, { 'content-type': 'text/html' })
        .end(`<pre>Error: connect ${canary} at Object.<anonymous> (/srv/app/index.js:1:2)</pre>`),
    [200, -32603, 'The backend answered with HTTP status 500'],
  ],
  'a question that nobody can answer': [
    (id, response) =>
      json({
        jsonrpc: '2.0',
        id,
        result: { resultType: 'input_required', inputRequests: { a: { method: 'evil/ask' } } },
      })(id, response),
    [200, -32603, 'The backend asked for what no client can be asked for'],
  ],
};

describe('security: MCP servers that misbehave', () => {
  let stage: Stage;
  const tools = Object.keys(mcp).map((_, n) => ({ name: `t${n}`, inputSchema: { type: 'object' } }));
  before(
    async () =>
      (stage = await setStage({
        tools: [{ name: 'echo', inputSchema: { type: 'object' } }, ...tools],
        top: 'buffers: { backend_message: 1MiB }',
        answer: ({ message }, response) => {
          const [, n] = /^t(\d+)$/.exec(String(message?.params?.['name'])) ?? [];
          if (message === undefined || n === undefined) return false;
          Object.values(mcp)[Number(n)]?.[0](message.id, response);
          return true;
        },
      })),
  );
  after(() => stage.close());

  for (const [n, [name, [, refusal]]] of Object.entries(mcp).entries())
    it(`${name} is an error of the server, told without its words`, async () => {
      const seen = await stage.seenOf(async () => {
        const answer = await ask(stage.port, callOf(`back_t${n}`));
        revealsNothing(stage, answer);
        assert.ok(!answer.body.includes(canary));
        isRefusal(answer, refusal);
      });
      assert.ok(seen.length >= 1);
    });
});

const badRest: Readonly<Record<string, readonly [Misdeed, says: string]>> = {
  'a redirect to somewhere else': [
    (_id, response) =>
      void response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
    'HTTP 302 Found: the service redirects to a place that is not followed',
  ],
  'redirects in a circle': [
    (_id, response) => void response.writeHead(302, { location: '/bad/find?n=1' }).end(),
    'HTTP 302 Found: the service redirects to a place that is not followed',
  ],
  'a zip bomb': [gzipped, 'The service compressed its answer although it was asked not to'],
  'a body larger than is taken': [
    json({ text: 'x'.repeat(2 * 1024 * 1024) }),
    "The service's answer is larger than 1 MiB, the most a tool can give",
  ],
  'an error that shows its insides': [
    json(
      {
        message: `connect ECONNREFUSED 10.1.2.3:5432 as ${canary}`,
        stack: 'Error: x\n    at Object.<anonymous> (/srv/app/index.js:1:2)',
        url: 'postgres://admin:secret@db.internal/x',
      },
      500,
    ),
    'HTTP 500 Internal Server Error: connect ECONNREFUSED [removed] as [removed]',
  ],
  'an error that plays with the terminal': [
    json({ message: 'gone\u001b[2J\u001b]0;owned\u0007\u202eno' }, 400),
    'HTTP 400 Bad Request: gone [2J ]0;owned no',
  ],
};

describe('security: REST services that misbehave', () => {
  let stage: Stage;
  before(
    async () =>
      (stage = await setStage({
        top: 'buffers: { backend_message: 1MiB }',
        servers: (url) => `
  bad:
    type: rest
    url: ${url}/bad
    headers: { authorization: 'Bearer ${canary}' }
    health_check: { enabled: false }
    tools: { find: { method: GET, path: /find } }`,
        answer: ({ witnessed }, response) => {
          const [, n] = /^\/bad\/find\?n=(\d+)$/.exec(witnessed.url) ?? [];
          if (n === undefined) return false;
          Object.values(badRest)[Number(n)]?.[0](undefined, response);
          return true;
        },
      })),
  );
  after(() => stage.close());

  for (const [n, [name, [, says]]] of Object.entries(badRest).entries())
    it(`${name} is an error of the tool, told without its insides`, async () => {
      const seen = await stage.seenOf(async () => {
        const answer = await ask(stage.port, callOf('bad_find', { n }));
        revealsNothing(stage, answer);
        assert.doesNotMatch(answer.body, /CANARY|10\.1\.2\.3|db\.internal|169\.254|srv\/app|\\u001b|\u202e/);
        isRefusal(answer, [200, 0, says]);
      });
      assert.ok(seen.length >= 1);
    });
});
