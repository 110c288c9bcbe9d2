import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findApiKey, newApiKey } from '../../src/protocol/identity/apiKey.js';
import { ask } from '../support/ask.js';
import { responseOf } from '../support/messagesOf.js';
import { modernRequest } from '../support/modern.js';
import { openRaw } from '../support/openRaw.js';
import { requestBytes, type RequestParts } from '../support/requestBytes.js';
import { isRefusal, refuses, revealsNothing, type Attempt, type Refusal } from './refuses.js';
import { setStage, type Stage } from './stage.js';

const [ann, bob, eve] = [newApiKey(), newApiKey(), newApiKey()] as const;
const unknownSession: Refusal = [
  404,
  -32001,
  'Session not found: it has ended or never was; initialize again',
];
const noStream: Refusal = [404, -32001, 'There is no such stream: it has ended or never was'];
const by = ({ key }: typeof ann) => ({ 'x-api-key': key });
const initialize = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } },
};

describe('security: sessions, streams and states of somebody else', () => {
  let stage: Stage;
  let folder: string;
  let session: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keys-'));
    const file = join(folder, 'keys.json');
    const keys = [
      { ...ann.hashed, user: 'ann', tenant: 'acme' },
      { ...bob.hashed, user: 'bob', tenant: 'acme' },
      { ...eve.hashed, user: 'eve', tenant: 'evil' },
    ];
    await writeFile(file, JSON.stringify({ keys }));
    stage = await setStage({
      overrides: { webSocket: true },
      top: `page_size: 2\ntenants: { acme: { servers: [back, rest] }, evil: { servers: [rest] } }\nauth: { api_keys: { file: "${file}" } }`,
      credential: () => Promise.resolve(by(ann)),
      answer: ({ message }, response) => {
        if (message?.params?.['name'] !== 'echo' || message.params['inputResponses'] !== undefined)
          return false;
        if ((message.params['arguments'] as { ask?: unknown }).ask === undefined) return false;
        const result = {
          resultType: 'input_required',
          requestState: 's',
          inputRequests: {
            a: {
              method: 'elicitation/create',
              params: { message: 'Who?', requestedSchema: { type: 'object', properties: {} } },
            },
          },
        };
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
        return true;
      },
    });
    const opened = await ask(stage.port, { headers: by(ann), body: initialize });
    session = opened.headers['mcp-session-id'] ?? '';
    assert.match(session, /^[\w-]{43}$/);
  });
  after(async () => {
    await stage.close();
    await rm(folder, { recursive: true });
  });

  const withSession = (thief: typeof ann, request: RequestParts): RequestParts => ({
    ...request,
    headers: {
      ...by(thief),
      'mcp-session-id': session,
      'mcp-protocol-version': '2025-11-25',
      ...request.headers,
    },
  });
  const uses: Readonly<Record<string, RequestParts>> = {
    'calls a tool': { body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'rest_find' } } },
    'lists tools': { body: { jsonrpc: '2.0', id: 1, method: 'tools/list' } },
    pings: { body: { jsonrpc: '2.0', id: 1, method: 'ping' } },
    'cancels a call': {
      body: { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } },
    },
    'answers a question': { body: { jsonrpc: '2.0', id: 1, result: { action: 'accept', content: {} } } },
    listens: { method: 'GET', headers: { accept: 'text/event-stream' } },
    'comes back for a stream': {
      method: 'GET',
      headers: { accept: 'text/event-stream', 'last-event-id': 'x.1' },
    },
    'ends it': { method: 'DELETE' },
    subscribes: {
      body: { jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri: 'file:///open/readme' } },
    },
    'sets its log level': {
      body: { jsonrpc: '2.0', id: 1, method: 'logging/setLevel', params: { level: 'debug' } },
    },
  };
  refuses(
    () => stage,
    [
      ...Object.entries(uses).flatMap(([what, request]) =>
        (['bob', 'eve'] as const).map((name): Attempt => ({
          name: `${name === 'bob' ? 'a colleague' : 'somebody of another tenant'} ${what}`,
          send: () => withSession(name === 'bob' ? bob : eve, request),
          gets: unknownSession,
        })),
      ),
      {
        name: 'a stranger lists tools',
        send: () => {
          const { headers, ...rest } = withSession(ann, uses['lists tools'] ?? {});
          return { ...rest, headers: { ...headers, 'x-api-key': undefined } };
        },
        gets: [401, 4001, 'Say who you are: this endpoint is not for everybody'],
      },
      {
        name: 'an initialize with the id of somebody else opens another session',
        send: async ({ port }) => {
          const opened = await ask(port, withSession(eve, { body: initialize }));
          assert.equal(opened.status, 200);
          assert.notEqual(opened.headers['mcp-session-id'], session);
          return withSession(eve, uses['pings'] ?? {});
        },
        gets: unknownSession,
      },
    ],
  );

  it("and the session is still its owner's", async () => {
    const answer = await ask(stage.port, withSession(ann, uses['pings'] ?? {}));
    assert.equal(answer.status, 200);
  });

  it("a post to somebody else's stream (HTTP+SSE) finds none", async () => {
    const stream = await openRaw(stage.port);
    stream.write(
      requestBytes(stage.port, {
        method: 'GET',
        path: '/sse',
        headers: { ...by(ann), accept: 'text/event-stream' },
      }),
    );
    const [, path] = /data: (\/messages\?sessionId=[\w-]+)/.exec(await stream.seen('sessionId=')) ?? [];
    assert.ok(path !== undefined);
    for (const thief of [bob, eve]) {
      const answer = await stage.unseen(() =>
        ask(stage.port, { path, headers: by(thief), body: initialize }),
      );
      isRefusal(answer, noStream);
      revealsNothing(stage, answer);
    }
    assert.equal((await ask(stage.port, { path, headers: by(ann), body: initialize })).status, 202);
    stream.destroy();
  });

  it("the state of somebody else's question is invalid, and its owner's still good", async () => {
    const asks = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } } };
    const params = { name: 'back_echo', arguments: { ask: 1 } };
    const asked = responseOf(
      await ask(stage.port, modernRequest('tools/call', params, { headers: by(ann), meta: asks })),
    );
    const requestState = String(asked.result?.['requestState']);
    assert.ok(requestState.length > 20, JSON.stringify(asked));
    const answered = { ...params, requestState, inputResponses: { a: { action: 'accept', content: {} } } };
    const again = (who: typeof ann, changed: object = {}) =>
      ask(
        stage.port,
        modernRequest('tools/call', { ...answered, ...changed }, { headers: by(who), meta: asks }),
      );
    const invalidState: Refusal = [
      200,
      -32602,
      'requestState is invalid or has expired: send the request again without it',
      { reason: 'invalid_request_state' },
    ];
    isRefusal(await stage.unseen(() => again(bob)), invalidState);
    isRefusal(await stage.unseen(() => again(ann, { arguments: { ask: 2 } })), invalidState);
    isRefusal(
      await stage.unseen(() => again(ann, { requestState: `${requestState.slice(0, -2)}AA` })),
      invalidState,
    );
    assert.equal((await stage.seenOf(() => again(ann))).length, 1);
  });
});

describe('security: comparing secrets', () => {
  const { timingSafeEqual } = crypto;
  let compared: [number, number][] = [];
  before(() => {
    crypto.timingSafeEqual = (a, b) => {
      compared.push([a.byteLength, b.byteLength]);
      return timingSafeEqual(a, b);
    };
    syncBuiltinESMExports();
  });
  after(() => {
    crypto.timingSafeEqual = timingSafeEqual;
    syncBuiltinESMExports();
  });
  beforeEach(() => (compared = []));

  const keys = new Map([[ann.hashed.id, ann.hashed]]);
  for (const [name, text] of [
    ['a right key', ann.key],
    ['a wrong secret', ann.key.slice(0, 17) + bob.key.slice(17)],
    ['an unknown id', bob.key],
    ['what is no key', 'hello'],
    ['nothing', ''],
  ] as const)
    it(`${name} is compared once, whole, in constant time`, () => {
      assert.equal(findApiKey(text, keys) !== undefined, text === ann.key);
      assert.deepEqual(compared, [[32, 32]]);
    });
});
