import assert from 'node:assert/strict';
import { BehaviorSubject, concat, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { refusal } from '../../src/protocol/errors.js';
import type { Catalog } from '../../src/streams/catalog.js';
import { constant, type Latest } from '../../src/streams/latest.js';
import { Subscriptions } from '../../src/streams/subscriptions.js';
import type { WatchEvent } from '../../src/streams/subscriptionsUpstream.js';
import type { ServerState } from '../../src/streams/serverState.js';
import { anyone } from '../../src/testing/anyone.js';
import { fakeBackend } from '../../src/testing/fakeBackend.js';
import { marbles } from '../../src/testing/marbles.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { catalogOf } from '../operators/scenarios.js';
import { changingInstances } from './balancing/changingInstances.js';

/** A server behind each backend's own instance. */
const docs = (...backends: ReturnType<typeof fakeBackend>[]): ServerState =>
  serverOffering(
    'docs',
    { capabilities: { resources: { subscribe: true } }, resources: [{ uri: 'doc:a', name: 'a' }] },
    {},
    backends.map((backend, index) => ({ id: `docs#${index}`, backend })),
  );
const over = (catalog: Latest<Catalog>): Subscriptions =>
  new Subscriptions({ catalog, backoff: { firstMs: 4, maxMs: 4 } });

const updated = (uri: string): WatchEvent => ({ kind: 'updated', uri });
const values = { w: { kind: 'watching' }, u: updated('doc:a'), p: updated('doc:a/part') } as const;

/** A backend that counts who watches. */
const counting = () => {
  const count = { started: 0, open: 0 };
  const updated$ = new Subject<string>();
  const watch = () =>
    new Observable<void>((subscriber) => {
      count.started++;
      count.open++;
      subscriber.next();
      return () => void count.open--;
    });
  return { count, updated$, backend: fakeBackend({ watch, updated$ }) };
};

describe('streams/subscriptions', () => {
  it('tells of the resource and its parts, and of nothing else', () =>
    marbles(({ hot, expectObservable }) => {
      const uris = { a: 'doc:a', p: 'doc:a/part', b: 'doc:b', c: 'doc:ab' };
      const backend = fakeBackend({ updated$: hot('-a-b-p-c-', uris) });
      const expected = '                           wu---p---';
      const subscriptions = over(constant(catalogOf(docs(backend))));
      expectObservable(subscriptions.watch(anyone, 'doc:a'), '^--------!').toBe(expected, values);
    }));

  it('many clients are one watch at the server, the last lets go of it', () => {
    const { count, updated$, backend } = counting();
    const subscriptions = over(constant(catalogOf(docs(backend))));
    const heard: string[] = [];
    const clients = ['x', 'y', 'z'].map((name) =>
      subscriptions.watch(anyone, 'doc:a').subscribe(({ kind }) => heard.push(`${name} ${kind}`)),
    );
    assert.deepEqual(heard, ['x watching', 'y watching', 'z watching']);
    updated$.next('doc:a');
    assert.deepEqual(heard.slice(3), ['x updated', 'y updated', 'z updated']);
    assert.deepEqual({ ...count, size: subscriptions.size }, { started: 1, open: 1, size: 1 });
    for (const client of clients) client.unsubscribe();
    assert.deepEqual({ ...count, size: subscriptions.size }, { started: 1, open: 0, size: 0 });
  });

  it('tries again when a watch is lost, and says then that something may have changed', () =>
    marbles(({ cold, expectObservable }) => {
      let attempt = 0;
      const begun = { w: undefined };
      const watches = [cold('-w--#', begun), cold('#', begun), concat(of(undefined), NEVER)];
      const backend = fakeBackend({ watch: () => watches[attempt++] ?? NEVER });
      const random = Math.random;
      Math.random = () => 1;
      const subscriptions = over(constant(catalogOf(docs(backend))));
      const expected = '-w----------u'; // lost at 4, in vain at 8, back at 12
      expectObservable(subscriptions.watch(anyone, 'doc:a'), '^ 20ms !').toBe(expected, values);
      queueMicrotask(() => (Math.random = random));
    }));

  it('passes on a refusal, and does not ask again', () => {
    let asked = 0;
    const refused = refusal('ERR_METHOD_UNSUPPORTED', 'no');
    const backend = fakeBackend({
      watch: () => {
        asked++;
        return throwError(() => refused);
      },
    });
    const subscriptions = over(constant(catalogOf(docs(backend))));
    const seen: WatchEvent[] = [];
    const client = subscriptions.watch(anyone, 'doc:a').subscribe((event) => seen.push(event));
    assert.deepEqual(seen, [{ kind: 'refused', error: refused }]);
    assert.equal(asked, 1);
    client.unsubscribe();
  });

  it('refuses what no server has, and what its server does not tell of', () => {
    const codes = (server: ServerState): unknown[] => {
      const seen: unknown[] = [];
      over(constant(catalogOf(server)))
        .watch(anyone, 'doc:a')
        .subscribe((event) => seen.push(event.kind === 'refused' ? event.error.code : event.kind))
        .unsubscribe();
      return seen;
    };
    assert.deepEqual(codes(serverOffering('tools', {})), ['ERR_RESOURCE_UNKNOWN']);
    const silent = { capabilities: { resources: {} }, resources: [{ uri: 'doc:a', name: 'a' }] };
    assert.deepEqual(codes(serverOffering('docs', silent)), ['ERR_METHOD_UNSUPPORTED']);
  });

  it('watches at all instances; one that is away delays nothing', () =>
    marbles(({ cold, hot, expectObservable }) => {
      const away = fakeBackend({ watch: () => cold('--#', { w: undefined }) });
      const here = fakeBackend({ updated$: hot('-----a', { a: 'doc:a' }) });
      const subscriptions = over(constant(catalogOf(docs(away, here))));
      expectObservable(subscriptions.watch(anyone, 'doc:a'), '^-----!').toBe('--w--u', values);
    }));

  it('an instance that comes watches too, and may know of changes; one that goes stops, and is waited for no more', () => {
    const [a, b] = [counting(), counting()];
    const silentOne = fakeBackend({ watch: () => NEVER });
    const [first, mute, second] = [a.backend, silentOne, b.backend].map((backend, index) => ({
      id: `docs#${index}`,
      backend,
    }));
    assert.ok(first && mute && second);
    const { instances, become } = changingInstances([first, mute]);
    const subscriptions = over(constant(catalogOf({ ...docs(), instances })));
    const seen: string[] = [];
    const client = subscriptions.watch(anyone, 'doc:a').subscribe(({ kind }) => seen.push(kind));
    assert.deepEqual(seen, []);
    become(first);
    assert.deepEqual(seen, ['watching']);
    become(first, second);
    assert.deepEqual(seen, ['watching', 'updated']);
    become(second);
    assert.deepEqual(
      [a.count, b.count],
      [
        { started: 1, open: 0 },
        { started: 1, open: 1 },
      ],
    );
    b.updated$.next('doc:a');
    assert.equal(seen.length, 3);
    client.unsubscribe();
    assert.equal(b.count.open, 0);
  });

  it('follows a resource to another server, and says that it may have changed', () => {
    const [before, after] = [counting(), counting()];
    const feed = new BehaviorSubject(catalogOf(docs(before.backend)));
    const catalog: Latest<Catalog> = {
      get current() {
        return feed.value;
      },
      changes$: feed,
    };
    const subscriptions = over(catalog);
    const seen: string[] = [];
    const client = subscriptions.watch(anyone, 'doc:a').subscribe(({ kind }) => seen.push(kind));
    feed.next(catalogOf(serverOffering('other', {})));
    assert.deepEqual(seen, ['watching', 'refused']);
    assert.equal(before.count.open, 0);
    feed.next(catalogOf(docs(after.backend)));
    assert.deepEqual(seen, ['watching', 'refused', 'updated']);
    assert.equal(after.count.open, 1);
    client.unsubscribe();
    assert.equal(after.count.open, 0);
  });

  it('watches so many resources of a server and no more; there is room again when one is let go of', () => {
    const backend = counting();
    const server = docs(backend.backend);
    const subscriptions = new Subscriptions({
      catalog: constant(catalogOf(server)),
      backoff: { firstMs: 4, maxMs: 4 },
      maxPerServer: () => 1,
    });
    const told: unknown[] = [];
    const watch = (uri: string) =>
      subscriptions
        .watch(anyone, uri)
        .subscribe((event) =>
          told.push(event.kind === 'refused' ? event.error.toJsonRpc().data : event.kind),
        );
    const first = watch('doc:a');
    const again = watch('doc:a');
    watch('doc:a/part').unsubscribe();
    assert.deepEqual(told.at(-1), { limit: 'streams.resources_per_server', max: 1 });
    first.unsubscribe();
    again.unsubscribe();
    watch('doc:a/part').unsubscribe();
    assert.equal(backend.count.started, 2);
    assert.equal(backend.count.open, 0);
  });
});
