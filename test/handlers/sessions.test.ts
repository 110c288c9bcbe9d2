import assert from 'node:assert/strict';
import { NEVER, Subject, VirtualTimeScheduler } from 'rxjs';
import { cancelled } from '../../src/handlers/cancelled.js';
import { discover } from '../../src/handlers/discover.js';
import { endSession } from '../../src/handlers/endSession.js';
import { initialize } from '../../src/handlers/initialize.js';
import { selfDescription } from '../../src/handlers/selfDescription.js';
import { setLogLevel } from '../../src/handlers/setLogLevel.js';
import { memorySessions } from '../../src/stores/memorySessions.js';
import { constant } from '../../src/streams/latest.js';
import { LiveCalls } from '../../src/streams/liveCalls.js';
import { accepted, result } from '../../src/streams/reply.js';
import { serveEach } from '../../src/streams/serveEach.js';
import type { Exchange } from '../../src/streams/exchange.js';
import { call } from '../../src/testing/call.js';
import { collect } from '../../src/testing/collect.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { catalogOf, enteredCall, sessionOf } from '../operators/scenarios.js';
import { replyOf } from './replyOf.js';

const legacy = { version: '2025-11-25' } as const;
const store = () => memorySessions({ ttlMs: 1000, max: 10, scheduler: new VirtualTimeScheduler() });
const catalog = constant(
  catalogOf(
    serverOffering('a', { instructions: 'Use a.' }),
    serverOffering('b', {}),
    serverOffering('c', { instructions: 'Use c.' }),
  ),
);
const self = selfDescription(catalog);
const serverInfo = { name: 'sluice', version: '1' };

/** A call of the session s1 that never ends. */
const running = (id: number) => {
  const calls = new LiveCalls();
  const source = new Subject<Exchange>();
  const outlet = collect();
  serveEach(
    source,
    constant(() => NEVER),
    { calls, ended: () => undefined },
  );
  source.next(call('tools/call', { ...legacy, id, sessionId: 's1', outlet }));
  return { calls, outlet };
};

describe('handlers/initialize', () => {
  const params = {
    protocolVersion: '2025-06-18',
    capabilities: { roots: {} },
    clientInfo: { name: 'c', version: '1' },
  };
  it('opens a session of the revision negotiated, for who asked', () => {
    const sessions = store();
    const open = initialize({ sessions, self, serverInfo, home: 'here', now: () => 7 });
    const reply = replyOf(
      open,
      enteredCall('initialize', { version: '2025-06-18', namespace: 'team', params }),
    );
    assert.ok(reply.kind === 'result');
    const id = reply.headers?.['mcp-session-id'] ?? '';
    assert.deepEqual(sessions.get(id), {
      id,
      principalId: 'ann',
      namespace: 'team',
      version: '2025-06-18',
      batches: false,
      clientInfo: params.clientInfo,
      capabilities: { roots: {} },
      logLevel: 'info',
      home: 'here',
      createdAt: 7,
    });
    assert.equal(reply.result['protocolVersion'], '2025-06-18');
    assert.deepEqual(reply.result['serverInfo'], serverInfo);
  });

  it('refuses when no more sessions fit', () => {
    const full = memorySessions({ ttlMs: 1000, max: 0, scheduler: new VirtualTimeScheduler() });
    assert.throws(
      () =>
        replyOf(
          initialize({ sessions: full, self, serverInfo, home: 'here', now: () => 0 }),
          enteredCall('initialize', legacy),
        ),
      {
        code: 'ERR_SESSIONS_EXHAUSTED',
      },
    );
  });
});

describe('handlers/selfDescription, discover', () => {
  const everywhere = enteredCall('initialize', { version: '2025-11-25' });

  it('tasks are declared in the form of the revision, or not at all', () => {
    const declared = (version: '2024-11-05' | '2025-11-25' | '2026-07-28') => {
      const { tasks, extensions } = self(enteredCall('initialize', { version })).capabilities;
      return { tasks, extensions };
    };
    assert.deepEqual(declared('2024-11-05'), { tasks: undefined, extensions: undefined });
    assert.deepEqual(declared('2025-11-25'), {
      tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
      extensions: undefined,
    });
    assert.deepEqual(declared('2026-07-28'), {
      tasks: undefined,
      extensions: { 'io.modelcontextprotocol/tasks': {} },
    });
  });

  it('changes are promised, of lists and of resources', () => {
    const { tools, resources, prompts } = self(everywhere).capabilities;
    assert.deepEqual(
      { tools, resources, prompts },
      {
        tools: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        prompts: { listChanged: true },
      },
    );
  });

  it('instructions of all servers, each under its name, no longer than a model should read', () => {
    assert.equal(self(everywhere).instructions, 'a: Use a.\n\nc: Use c.');
    assert.equal('instructions' in self(enteredCall('server/discover', { namespace: 'nowhere' })), false);
    const long = selfDescription(
      constant(catalogOf(serverOffering('a', { instructions: 'x'.repeat(20_000) }))),
    );
    assert.equal(long(everywhere).instructions?.length, 8192);
  });

  it('server/discover names the modern revisions only', () => {
    const reply = replyOf(discover(self), enteredCall('server/discover'));
    assert.ok(reply.kind === 'result');
    assert.deepEqual(reply.result['supportedVersions'], ['2026-07-28']);
  });
});

describe('handlers/setLogLevel', () => {
  it('is remembered in the session', () => {
    const sessions = store();
    sessions.put(sessionOf());
    const exchange = enteredCall('logging/setLevel', { ...legacy, params: { level: 'error' } }, sessionOf());
    assert.deepEqual(replyOf(setLogLevel(sessions), exchange), result({}));
    assert.deepEqual(sessions.get('s1'), sessionOf({ logLevel: 'error' }));
  });
  it('needs one', () =>
    assert.throws(() => replyOf(setLogLevel(store()), enteredCall('logging/setLevel', legacy)), {
      code: 'ERR_SESSION_REQUIRED',
    }));
});

describe('handlers/cancelled', () => {
  const notification = (requestId: unknown) =>
    enteredCall('notifications/cancelled', { ...legacy, id: null, params: { requestId } }, sessionOf());
  it('ends the call of that id and is accepted', () => {
    const { calls, outlet } = running(4);
    assert.equal(replyOf(cancelled(calls), notification(4)), accepted);
    assert.equal(outlet.completed, true);
  });
  for (const id of [5, '4', null, undefined, {}])
    it(`ignores ${JSON.stringify(id)}, which is none`, () => {
      const { calls, outlet } = running(4);
      assert.equal(replyOf(cancelled(calls), notification(id)), accepted);
      assert.equal(outlet.completed, false);
    });
});

describe('handlers/endSession', () => {
  it('ends the session and its calls: 204', () => {
    const sessions = store();
    sessions.put(sessionOf());
    const { calls, outlet } = running(4);
    const exchange = enteredCall('$/end', { ...legacy, id: null, sessionId: 's1' }, sessionOf());
    assert.deepEqual(replyOf(endSession(sessions, calls), exchange), { kind: 'accepted', status: 204 });
    assert.equal(sessions.get('s1'), undefined);
    assert.equal(outlet.completed, true);
  });
  it('needs one', () =>
    assert.throws(() => replyOf(endSession(store(), new LiveCalls()), enteredCall('$/end')), {
      code: 'ERR_METHOD_NOT_ALLOWED',
    }));
});
