import assert from 'node:assert/strict';
import { ask } from '../support/ask.js';
import { responseOf } from '../support/messagesOf.js';
import { modernRequest } from '../support/modern.js';
import { openLegacySession, type LegacySession } from '../support/openLegacySession.js';
import { isRefusal, refuses, type Attempt, type Refusal } from './refuses.js';
import { setStage, type Stage } from './stage.js';

const unknownSession: Refusal = [
  404,
  -32001,
  'Session not found: it has ended or never was; initialize again',
];
const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };

/** A client that knows tasks. */
const knowsTasks = {
  'io.modelcontextprotocol/clientCapabilities': { extensions: { 'io.modelcontextprotocol/tasks': {} } },
};

/** Ids close to a real one. */
const alterations: Readonly<Record<string, (id: string) => string>> = {
  'one letter less': (id) => id.slice(0, -1),
  'one letter more': (id) => `${id}A`,
  'one letter changed': (id) => (id.startsWith('A') ? 'B' : 'A') + id.slice(1),
  'other capitals': (id) => id.toLowerCase() + id.toUpperCase(),
  'padding of base64': (id) => `${id}=`,
  'a comma behind': (id) => `${id},`,
  'quotes around': (id) => `"${id}"`,
  'its bytes in hexadecimal': (id) => Buffer.from(id, 'base64url').toString('hex'),
  'a wildcard': () => '*',
  'a number': () => '1',
  undefined: () => 'undefined',
  'a path': (id) => `../${id}`,
};

describe('security: session ids that are guessed or altered', () => {
  let stage: Stage;
  let session: LegacySession;
  before(async () => {
    stage = await setStage();
    session = await openLegacySession(stage.port);
  });
  after(() => stage.close());

  refuses(
    () => stage,
    [
      ...Object.entries(alterations).map(([name, altered]): Attempt => ({
        name,
        send: () => ({
          ...session.request('tools/list'),
          headers: { 'mcp-session-id': altered(session.id) },
        }),
        gets: unknownSession,
      })),
      {
        name: "an id of the client's own at initialize (fixation) opens nothing under that name",
        send: async ({ port }) => {
          const fixed = 'x'.repeat(43);
          const opened = await ask(port, {
            headers: { 'mcp-session-id': fixed },
            body: {
              ...ping,
              method: 'initialize',
              params: {
                protocolVersion: '2025-11-25',
                capabilities: {},
                clientInfo: { name: 'a', version: '1' },
              },
            },
          });
          assert.equal(opened.status, 200);
          assert.notEqual(opened.headers['mcp-session-id'], fixed);
          return { headers: { 'mcp-session-id': fixed }, body: ping };
        },
        gets: unknownSession,
      },
      {
        name: 'a session that has ended',
        send: async ({ port }) => {
          const ended = await openLegacySession(port);
          await ended.end();
          return ended.request('tools/call', { name: 'back_echo' });
        },
        gets: unknownSession,
      },
      {
        name: 'the id in the query',
        send: () => ({ path: `/mcp?sessionId=${session.id}&mcp-session-id=${session.id}`, body: ping }),
        gets: [400, -32000, 'The header Mcp-Session-Id is missing: initialize first'],
      },
      {
        name: 'the id in a cookie',
        send: () => ({ headers: { cookie: `mcp-session-id=${session.id}` }, body: ping }),
        gets: [400, -32000, 'The header Mcp-Session-Id is missing: initialize first'],
      },
      {
        name: 'a second initialize within it',
        send: () =>
          session.request('initialize', {
            protocolVersion: '2025-11-25',
            capabilities: {},
            clientInfo: { name: 'a', version: '1' },
          }),
        gets: [400, -32600, 'This session is initialized already'],
      },
      {
        name: 'the id as a stream of HTTP+SSE',
        send: () => ({ path: `/messages?sessionId=${session.id}`, body: ping }),
        gets: [404, -32001, 'There is no such stream: it has ended or never was'],
      },
      {
        name: 'a stream of HTTP+SSE that never was',
        send: { path: '/messages?sessionId=__proto__', body: ping },
        gets: [404, -32001, 'There is no such stream: it has ended or never was'],
      },
      {
        name: 'a relayed request of an instance that is none',
        send: () => ({
          ...session.request('tools/list'),
          headers: { 'sluice-relayed': 'forged', 'mcp-session-id': 'x' },
        }),
        gets: unknownSession,
      },
    ],
  );

  it('ids are 256 random bits, no two alike', async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, async () => (await openLegacySession(stage.port)).id),
    );
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.match(id, /^[\w-]{43}$/);
  });
});

describe('security: event ids that are forged', () => {
  let stage: Stage;
  before(async () => (stage = await setStage()));
  after(() => stage.close());

  refuses(
    () => stage,
    [
      'x.1',
      'x',
      '1',
      '__proto__.0',
      '../x.1',
      `${'x'.repeat(64)}.999999999999999`,
      'x.-1',
      'x.1e9',
      'x.1.1',
    ].map((lastEventId): Attempt => ({
      name: lastEventId.length > 60 ? 'one that is long' : lastEventId,
      send: async ({ port }) => {
        const { headers } = await openLegacySession(port);
        return {
          method: 'GET',
          headers: { ...headers, accept: 'text/event-stream', 'last-event-id': lastEventId },
        };
      },
      gets: [400, -32000, 'Last-Event-ID names no event of this session, or one that is no longer kept'],
    })),
  );
});

describe('security: cursors, states and tasks that are forged', () => {
  let stage: Stage;
  /** A real cursor of tools/list. */
  let cursor: string;
  before(async () => {
    stage = await setStage({ top: 'page_size: 2\nnamespaces: { part: { servers: [back] } }' });
    const { result } = responseOf(await ask(stage.port, modernRequest('tools/list')));
    cursor = String(result?.['nextCursor']);
    assert.match(cursor, /^[\w-]+$/);
  });
  after(() => stage.close());

  const invalidCursor: Refusal = [200, -32602, 'Invalid cursor: start again without one'];
  const flipped = (text: string): string => (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
  const invalidState: Refusal = [
    200,
    -32602,
    'requestState is invalid or has expired: send the request again without it',
    { reason: 'invalid_request_state' },
  ];
  const task = (name: string, taskId: string, method = 'tasks/get'): Attempt => ({
    name: `${name} (${method})`,
    send: modernRequest(
      method,
      { taskId, ...(method === 'tasks/update' && { inputResponses: {} }) },
      { meta: knowsTasks },
    ),
    gets: [200, -32602, 'There is no such task, or it has expired'],
  });

  refuses(
    () => stage,
    [
      {
        name: 'a cursor with another signature',
        send: () => modernRequest('tools/list', { cursor: flipped(cursor) }),
        gets: invalidCursor,
      },
      {
        name: 'a cursor of another list',
        send: () => modernRequest('prompts/list', { cursor }),
        gets: invalidCursor,
      },
      {
        name: 'a cursor that says more',
        send: () => modernRequest('tools/list', { cursor: `${cursor}AAAA` }),
        gets: invalidCursor,
      },
      {
        name: 'a cursor in padded base64',
        send: () => modernRequest('tools/list', { cursor: `${cursor}==` }),
        gets: invalidCursor,
      },
      { name: 'an empty cursor', send: modernRequest('tools/list', { cursor: '' }), gets: invalidCursor },
      {
        name: 'a cursor that is a number in text',
        send: modernRequest('tools/list', { cursor: '2' }),
        gets: invalidCursor,
      },
      ...['', 'x', 'e30', '{}', 'A'.repeat(300)].map((requestState): Attempt => ({
        name: `the state ${requestState.slice(0, 10) || 'that is empty'}`,
        send: modernRequest('tools/call', { name: 'back_echo', arguments: {}, requestState }),
        gets: invalidState,
      })),
      ...['x', '1', '__proto__', 'A'.repeat(300)].map((id) => task(`the task ${id.slice(0, 10)}`, id)),
      task('an unknown task', 'x', 'tasks/cancel'),
      task('an unknown task', 'x', 'tasks/update'),
    ],
  );

  it('a cancellation and an answer that nobody waits for are taken and go nowhere', () =>
    stage.unseen(async () => {
      const { headers } = await openLegacySession(stage.port);
      for (const body of [
        { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } },
        { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: '__proto__' } },
        { jsonrpc: '2.0', id: 1, result: { action: 'accept' } },
        { jsonrpc: '2.0', id: 1, error: { code: -1, message: 'no' } },
        { jsonrpc: '2.0', method: 'notifications/elicitation/complete', params: { elicitationId: 'x' } },
        { jsonrpc: '2.0', method: 'notifications/tools/list_changed' },
      ])
        assert.equal((await ask(stage.port, { headers, body })).status, 202);
    }));

  it('a session of one namespace is unknown in another', async () => {
    const session = await openLegacySession(stage.port);
    const answer = await stage.unseen(() =>
      ask(stage.port, { ...session.request('tools/list'), path: '/mcp/part' }),
    );
    isRefusal(answer, unknownSession);
  });
});
