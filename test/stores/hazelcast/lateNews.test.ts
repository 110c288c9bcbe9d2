import assert from 'node:assert/strict';
import { NEVER, from, Subject } from 'rxjs';
import type { EntryChange, HazelcastLink } from '../../../src/stores/hazelcast/hazelcastLink.js';
import { hazelcastSessions } from '../../../src/stores/hazelcast/hazelcastSessions.js';
import { constant } from '../../../src/streams/latest.js';
import { settled } from '../../support/settled.js';
import { testSession } from '../testSession.js';

/** A cluster whose news come late: in an order that a real one shows under load, seldom and not at will. */
const lateCluster = () => {
  const entries = new Map<string, unknown>();
  const news = new Subject<EntryChange>();
  const map = {
    get: (id: string) => Promise.resolve(entries.get(id) ?? null),
    set: (id: string, value: unknown) => Promise.resolve(void entries.set(id, value)),
    remove: (id: string) => {
      const before = entries.get(id) ?? null;
      entries.delete(id);
      return Promise.resolve(before);
    },
  };
  const link = {
    state: constant('connected'),
    use: (_name: string, operation: (of: typeof map) => Promise<unknown>) => from(operation(map)),
    changes: () => news,
    back$: NEVER,
    close: () => Promise.resolve(),
  };
  return { link: link as unknown as HazelcastLink, news };
};

describe('stores/hazelcast/hazelcastSessions, told late', () => {
  it('does not open again what it has ended itself', async () => {
    const { link, news } = lateCluster();
    const store = hazelcastSessions({ link, ttlMs: 60_000, max: 10 });
    const seen: string[] = [];
    store.changes$.subscribe(({ kind }) => seen.push(kind));
    const one = testSession();
    await settled(store.put(one));
    await settled(store.delete(one.id));
    news.next({ kind: 'added', key: one.id } as EntryChange);
    news.next({ kind: 'gone', key: one.id } as EntryChange);
    assert.deepEqual(seen, ['opened', 'ended']);
    assert.equal(store.size, 0);
    store.close();
  });
});
