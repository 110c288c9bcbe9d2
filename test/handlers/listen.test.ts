import assert from 'node:assert/strict';
import { isObservable, NEVER, Observable, Subject, throwError } from 'rxjs';
import { listen } from '../../src/handlers/listen.js';
import { refusal } from '../../src/protocol/errors.js';
import type { RequestId } from '../../src/protocol/jsonrpc.js';
import type { Catalog } from '../../src/streams/catalog.js';
import { latest } from '../../src/streams/latest.js';
import { LiveCalls } from '../../src/streams/liveCalls.js';
import type { Reply } from '../../src/streams/reply.js';
import { Subscriptions } from '../../src/streams/subscriptions.js';
import { fakeBackend } from '../../src/testing/fakeBackend.js';
import { marbles } from '../../src/testing/marbles.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { undecided } from '../../src/streams/decision.js';
import { catalogOf, enteredCall, tool } from '../operators/scenarios.js';

const backend = (updated$: Observable<string> = NEVER) =>
  fakeBackend({
    updated$,
    watch: (uri) => {
      if (uri === 'doc:slow') return NEVER;
      if (uri === 'doc:no') return throwError(() => refusal('ERR_METHOD_UNSUPPORTED', 'no'));
      return new Observable((subscriber) => subscriber.next());
    },
  });
const docs = (name: string, own = backend()) =>
  catalogOf(
    serverOffering('docs', { capabilities: { resources: { subscribe: true } }, tools: [tool(name)] }, {}, [
      { id: 'docs#1', backend: own },
    ]),
  );

interface Setting {
  readonly feed?: Observable<Catalog>;
  readonly initial?: Catalog;
  readonly calls?: LiveCalls;
  readonly id?: RequestId;
  /** Scopes that watching needs, and who listens has. */
  readonly needed?: readonly string[];
  readonly granted?: readonly string[];
}

const open = (notifications: Readonly<Record<string, unknown>>, setting: Setting = {}): Observable<Reply> => {
  const { feed = NEVER, initial = docs('a'), calls = new LiveCalls(), id = 1 } = setting;
  const { needed: scopes = [], granted = [] } = setting;
  const catalog = latest(feed, initial);
  const handler = listen({
    catalog,
    policies$: NEVER,
    calls,
    subscriptions: new Subscriptions({ catalog, backoff: { firstMs: 1, maxMs: 1 } }),
    judgeWatch: () => ({ ...undecided, obligations: { scopes } }),
    admission: () => undefined,
    tasks: () => [],
    maxStreams: 10,
    maxResources: 3,
    settleMs: 5,
    everyMs: 2,
  });
  const call = enteredCall('subscriptions/listen', { id, params: { notifications } });
  const principal = { ...call.principal, method: 'jwt', scopes: granted } as const;
  const replies = handler({ ...call, principal });
  assert.ok(isObservable(replies));
  return replies;
};

const said = (method: string, params: object, id: RequestId = 1): Reply => ({
  kind: 'notification',
  method: `notifications/${method}`,
  params: { ...params, _meta: { 'io.modelcontextprotocol/subscriptionId': id } },
});
const acknowledged = (notifications: object, id?: RequestId): Reply =>
  said('subscriptions/acknowledged', { notifications }, id);

describe('handlers/listen', () => {
  it('acknowledges first, then tells of the lists that were asked for, and of no others', () =>
    marbles(({ cold, expectObservable }) => {
      const catalogs = {
        t: docs('b'),
        p: catalogOf(serverOffering('docs', { tools: [tool('b')], prompts: [{ name: 'p' }] })),
      };
      const replies = open(
        { toolsListChanged: true, promptsListChanged: false },
        {
          feed: cold('--t----p', catalogs),
          id: '1',
        },
      );
      const values = {
        A: acknowledged({ toolsListChanged: true }, '1'),
        t: said('tools/list_changed', {}, '1'),
      };
      expectObservable(replies, '^---------!').toBe('A-t-------', values);
    }));

  it('tells of the resources that were asked for, one id per stream with its type', () =>
    marbles(({ hot, expectObservable }) => {
      const updated$ = hot('-a--b--', { a: 'doc:a', b: 'doc:b' });
      const replies = open(
        { resourceSubscriptions: ['doc:a', 'doc:a'] },
        { initial: docs('a', backend(updated$)) },
      );
      const values = {
        A: acknowledged({ resourceSubscriptions: ['doc:a'] }),
        u: said('resources/updated', { uri: 'doc:a' }),
      };
      expectObservable(replies, '^------!').toBe('Au-----', values);
    }));

  it('leaves out what is refused, waits for what is slow, and then promises it', () =>
    marbles(({ expectObservable }) => {
      expectObservable(open({ resourceSubscriptions: ['doc:no'] }), '^-------!').toBe('A', {
        A: acknowledged({}),
      });
      const some = open({ resourceSubscriptions: ['doc:a', 'doc:no', 'doc:slow'] });
      expectObservable(some, '^-------!').toBe('-----A', {
        A: acknowledged({ resourceSubscriptions: ['doc:a', 'doc:slow'] }),
      });
    }));

  it('leaves out what the caller lacks scopes for', () =>
    marbles(({ expectObservable }) => {
      const asked = { resourceSubscriptions: ['doc:a'] };
      expectObservable(open(asked, { needed: ['docs', 'read'], granted: ['docs'] }), '^--!').toBe('A', {
        A: acknowledged({}),
      });
      expectObservable(open(asked, { needed: ['docs'], granted: ['docs'] }), '^--!').toBe('A', {
        A: acknowledged(asked),
      });
    }));

  it('stays open with nothing to tell, and ends with its result when the gateway stops', () => {
    const calls = new LiveCalls();
    const seen: Reply[] = [];
    let completed = false;
    open({}, { calls, id: 0 }).subscribe({
      next: (reply) => seen.push(reply),
      complete: () => (completed = true),
    });
    assert.deepEqual([seen.length, completed], [1, false]);
    calls.endListening();
    assert.deepEqual(seen[1], {
      kind: 'result',
      result: { _meta: { 'io.modelcontextprotocol/subscriptionId': 0 } },
    });
    assert.equal(completed, true);
  });

  it('is bounded: so many streams, so many resources', () => {
    const many = { resourceSubscriptions: ['a', 'b', 'c', 'd'] };
    assert.throws(() => open(many), { code: 'ERR_SUBSCRIPTIONS_EXHAUSTED' });
    const calls = Object.assign(new LiveCalls(), {});
    Object.defineProperty(calls, 'listening', { value: 11 });
    assert.throws(() => open({}, { calls }), { code: 'ERR_SUBSCRIPTIONS_EXHAUSTED' });
  });

  it('lets go of the server when the client leaves', () => {
    const updated$ = new Subject<string>();
    const subscription = open(
      { resourceSubscriptions: ['doc:a'] },
      { initial: docs('a', backend(updated$)) },
    ).subscribe();
    assert.equal(updated$.observed, true);
    subscription.unsubscribe();
    assert.equal(updated$.observed, false);
  });
});
