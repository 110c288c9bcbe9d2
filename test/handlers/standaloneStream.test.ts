import assert from 'node:assert/strict';
import { isObservable, NEVER, Subject, type Observable } from 'rxjs';
import { standaloneStream } from '../../src/handlers/standaloneStream.js';
import type { Catalog } from '../../src/streams/catalog.js';
import type { Exchange } from '../../src/streams/exchange.js';
import { constant, latest } from '../../src/streams/latest.js';
import { LiveCalls } from '../../src/streams/liveCalls.js';
import { open, type Reply } from '../../src/streams/reply.js';
import { serveEach } from '../../src/streams/serveEach.js';
import type { SessionStore } from '../../src/streams/sessions.js';
import { call } from '../../src/testing/call.js';
import { marbles } from '../../src/testing/marbles.js';
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
const openStream = (
  feed: Observable<Catalog>,
  more: { namespace?: string; get?: SessionStore['get'] } = {},
): Observable<Reply> => {
  const handler = standaloneStream({
    catalog: latest(feed, catalogs.i),
    calls: new LiveCalls(),
    sessions: sessions(more.get ?? (() => undefined)),
    touchMs: 5,
  });
  const replies = handler(
    enteredCall(
      '$/stream',
      { ...options, ...(more.namespace && { namespace: more.namespace }) },
      sessionOf(),
    ),
  );
  assert.ok(isObservable(replies));
  return replies;
};

describe('handlers/standaloneStream', () => {
  it('opens at once and tells what has changed, and only that', () =>
    marbles(({ cold, expectObservable }) => {
      const feed = cold('   --s--t--p--i', catalogs);
      const expected = '    o----t--(tp)';
      expectObservable(openStream(feed), '^---------!').toBe(expected, values);
    }));

  it('tells nothing of what this endpoint does not show', () =>
    marbles(({ cold, expectObservable }) => {
      const feed = cold('   --x--', catalogs);
      expectObservable(openStream(feed), '^----!').toBe('o-t', values);
      expectObservable(openStream(feed, { namespace: 'team' }), '^----!').toBe('o', values);
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
