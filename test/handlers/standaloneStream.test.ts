import assert from 'node:assert/strict';
import { isObservable, NEVER, skip, Subject, type Observable } from 'rxjs';
import { standaloneStream } from '../../src/handlers/standaloneStream.js';
import { internalMethods } from '../../src/protocol/methods.js';
import type { Catalog } from '../../src/streams/catalog.js';
import { Elicitations } from '../../src/streams/elicitations.js';
import type { Exchange } from '../../src/streams/exchange.js';
import { constant, latest } from '../../src/streams/latest.js';
import { LiveCalls } from '../../src/streams/liveCalls.js';
import { open, type Reply } from '../../src/streams/reply.js';
import { serveEach } from '../../src/streams/serveEach.js';
import type { SessionStore } from '../../src/streams/sessions.js';
import { Subscriptions } from '../../src/streams/subscriptions.js';
import { SubscriptionsOfSessions } from '../../src/streams/subscriptionsOfSessions.js';
import { anyone } from '../../src/testing/anyone.js';
import { call } from '../../src/testing/call.js';
import { marbles } from '../../src/testing/marbles.js';
import { fakeBackend } from '../../src/testing/fakeBackend.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { catalogOf, enteredCall, sessionOf, tool } from '../operators/scenarios.js';

const changed = (kind: string): Reply => ({
  kind: 'notification',
  method: `notifications/${kind}/list_changed`,
  params: {},
});
const values = { o: open, t: changed('tools'), p: changed('prompts'), r: changed('resources') };
const catalogs = {
  i: catalogOf(serverOffering('orders', { tools: [tool('a')] })),
  s: catalogOf(serverOffering('orders', { tools: [tool('a')] })),
  t: catalogOf(serverOffering('orders', { tools: [tool('a'), tool('b')] })),
  p: catalogOf(serverOffering('orders', { tools: [tool('a')], prompts: [{ name: 'p' }] })),
  x: catalogOf(
    serverOffering('orders', { tools: [tool('a')] }),
    serverOffering('docs', { tools: [tool('x')] }),
  ),
};
const options = { version: '2025-11-25', id: null, sessionId: 's1' } as const;
const sessions = (get: SessionStore['get']): SessionStore => ({
  get,
  put: () => undefined,
  delete: () => true,
  changes$: NEVER,
  size: 1,
  close: () => undefined,
});
const subscribed = (backend = fakeBackend()): SubscriptionsOfSessions => {
  const docs = serverOffering(
    'docs',
    { capabilities: { resources: { subscribe: true } }, resources: [{ uri: 'doc:a', name: 'a' }] },
    {},
    [{ id: 'docs#1', backend }],
  );
  const subscriptions = new Subscriptions({
    catalog: constant(catalogOf(docs)),
    backoff: { firstMs: 1, maxMs: 1 },
  });
  return new SubscriptionsOfSessions(subscriptions, { maxPerSession: 10, settleMs: 10 });
};
const elicitations = () => new Elicitations({ maxPerSession: 8, max: 8, ttlMs: 1000, now: () => 0 });
const openStream = (
  feed: Observable<Catalog>,
  more: {
    namespace?: string;
    get?: SessionStore['get'];
    ofSessions?: SubscriptionsOfSessions;
    elicitations?: Elicitations;
    goesOn?: boolean;
  } = {},
): Observable<Reply> => {
  const handler = standaloneStream({
    catalog: latest(feed, catalogs.i),
    policies$: NEVER,
    elicitations: more.elicitations ?? elicitations(),
    ofSessions: more.ofSessions ?? subscribed(),
    everyMs: 2,
    calls: new LiveCalls(),
    sessions: sessions(more.get ?? (() => undefined)),
    touchMs: 5,
  });
  const exchange = enteredCall(
    '$/stream',
    { ...options, ...(more.namespace && { namespace: more.namespace }) },
    sessionOf(),
  );
  if (more.goesOn === true) exchange.notes.goesOnAs = internalMethods.stream;
  const replies = handler(exchange);
  assert.ok(isObservable(replies));
  return replies;
};

describe('handlers/standaloneStream', () => {
  it('opens at once and tells what has changed, and only that', () =>
    marbles(({ cold, expectObservable }) => {
      const feed = cold('   --s--t--p--i-----', catalogs);
      const expected = '    o----t--t-p-p----';
      expectObservable(openStream(feed), '^----------------!').toBe(expected, values);
    }));

  it('begins with all lists when it goes on for one that was lost', () =>
    marbles(({ cold, expectObservable }) => {
      const feed = cold('   ---------t----', catalogs);
      const expected = '    t-(pr)---t----';
      const changes$ = openStream(feed, { goesOn: true }).pipe(skip(1));
      expectObservable(changes$, '^-------------!').toBe(expected, values);
    }));

  it('tells nothing of what this endpoint does not show', () =>
    marbles(({ cold, expectObservable }) => {
      const feed = cold('   --x--', catalogs);
      expectObservable(openStream(feed), '^----!').toBe('o-t', values);
      expectObservable(openStream(feed, { namespace: 'team' }), '^----!').toBe('o', values);
    }));

  it('tells of the resources that its session has subscribed to, and of no others', () =>
    marbles(({ hot, expectObservable }) => {
      const uris = { a: 'doc:a', b: 'doc:b' };
      const updated$ = hot('-a-a-b---a', uris);
      const ofSessions = subscribed(fakeBackend({ updated$ }));
      ofSessions.add('s1', anyone, 'doc:a').subscribe();
      ofSessions.add('s2', anyone, 'doc:b').subscribe();
      const expected = '    ou-u-----u';
      const u = { kind: 'notification', method: 'notifications/resources/updated', params: { uri: 'doc:a' } };
      expectObservable(openStream(NEVER, { ofSessions }), '^----------!').toBe(expected, { ...values, u });
    }));

  it('tells of the elicitations that its session was given when they are done, and of no others', () =>
    marbles(({ hot, expectObservable }) => {
      const all = elicitations();
      const given = { server: 'orders', principalId: 'ann' };
      all.given({ ...given, sessionId: 's1', id: 'a' });
      all.given({ ...given, sessionId: 's2', id: 'b' });
      hot('-abca', { a: 'a', b: 'b', c: 'c' }).subscribe((elicitationId) =>
        all.completed({ ...given, elicitationId }),
      );
      const method = 'notifications/elicitation/complete';
      const e = { kind: 'notification', method, params: { elicitationId: 'a' } };
      const replies$ = openStream(NEVER, { elicitations: all });
      expectObservable(replies$, '^-----!').toBe('oe', { ...values, e });
    }));

  it('prolongs its session while it is open, and no longer', () => {
    let touched = 0;
    marbles(({ expectObservable }) => {
      const get = () => {
        touched++;
        return undefined;
      };
      expectObservable(openStream(NEVER, { get }), '^ 16ms !').toBe('o', values);
    });
    assert.equal(touched, 3);
  });

  const only = (calls: LiveCalls) =>
    standaloneStream({
      catalog: constant(catalogs.i),
      policies$: NEVER,
      elicitations: elicitations(),
      ofSessions: subscribed(),
      everyMs: 2,
      calls,
      sessions: sessions(() => undefined),
      touchMs: 5,
    });

  it('refuses a second one of the session: ERR_STREAM_EXISTS', () => {
    const calls = new LiveCalls();
    const source = new Subject<Exchange>();
    serveEach(
      source,
      constant(() => NEVER),
      { calls, ended: () => undefined },
    );
    source.next(call('$/stream', options));
    assert.throws(() => only(calls)(enteredCall('$/stream', options, sessionOf())), {
      code: 'ERR_STREAM_EXISTS',
    });
  });

  it('refuses a revision without sessions: ERR_METHOD_NOT_ALLOWED', () =>
    assert.throws(() => only(new LiveCalls())(enteredCall('$/stream', { id: null })), {
      code: 'ERR_METHOD_NOT_ALLOWED',
    }));
});
