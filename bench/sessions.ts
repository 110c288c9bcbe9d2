/**
 * What sessions in Hazelcast cost: bytes on the members and in the gateway, and the time to look one up.
 *
 *     npm run bench:sessions [-- --short]        100,000 sessions on two members; 10,000 with --short
 *
 * Why the figures mean something:
 * - The members are real ones in processes of their own, started as the tests start them; each session has its one backup.
 * - Their bytes are what is alive in their heaps after a full collection (`jcmd PID GC.class_histogram`), with the sessions less
 *   without them: entry, key, index and backup, whatever form the member keeps them in. The gateway's are measured likewise.
 * - Sessions are as an SDK's client opens them, written and read by the gateway's own store.
 * - Each look-up is another session, drawn by chance, by one asker (the time of one) and by 32 at once (the time under load).
 *
 * What they do not mean: loopback has no network; members, gateway and the askers share the cores of one machine.
 */
import { randomInt } from 'node:crypto';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import {
  firstValueFrom,
  from,
  isObservable,
  lastValueFrom,
  map,
  mergeMap,
  of,
  range,
  toArray,
  type Observable,
} from 'rxjs';
import { hazelcastLink } from '../src/stores/hazelcast/hazelcastLink.js';
import { hazelcastSessions } from '../src/stores/hazelcast/hazelcastSessions.js';
import { silent } from '../src/streams/log.js';
import { sessionId, type Session, type SessionStore } from '../src/streams/sessions.js';
import { run } from '../test/support/services/run.js';
import { startHazelcast, type Hazelcast } from '../test/support/services/startHazelcast.js';

const { values: flags } = parseArgs({ options: { short: { type: 'boolean', default: false } } });
const count = flags.short ? 10_000 : 100_000;
const lookUps = flags.short ? 2000 : 20_000;
const atOnce = 32;

const session = (): Session => ({
  id: sessionId(),
  principalId: 'anonymous',
  namespace: undefined,
  version: '2025-11-25',
  batches: false,
  clientInfo: { name: 'example-client', title: 'An example', version: '1.2.3' },
  capabilities: { roots: { listChanged: true }, sampling: {}, elicitation: { form: {}, url: {} } },
  home: 'AAAAAAAAAAAA',
  logLevel: 'info',
  createdAt: Date.now(),
});

/** Bytes that are alive on all members. */
const onMembers = async ({ pids }: Hazelcast): Promise<number> => {
  const totals = await Promise.all(
    pids.map(async (pid) => {
      const histogram = await run('jcmd', [String(pid), 'GC.class_histogram'], { ms: 60_000 });
      const [, bytes] = /^Total\s+\d+\s+(\d+)/m.exec(histogram) ?? [];
      if (bytes === undefined) throw new Error(`jcmd said: ${histogram.slice(-200)}`);
      return Number(bytes);
    }),
  );
  return totals.reduce((a, b) => a + b, 0);
};

/** Bytes that are alive in this process. */
const here = (): number => {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('Run it with --expose-gc');
  gc();
  return process.memoryUsage().heapUsed;
};

const opened = async (cluster: Hazelcast): Promise<{ store: SessionStore; close(): Promise<void> }> => {
  const link = hazelcastLink(cluster, silent);
  const store = hazelcastSessions({ link, ttlMs: 3_600_000, max: 2 * count });
  await firstValueFrom(link.back$);
  return {
    store,
    close() {
      store.close();
      return link.close();
    },
  };
};

/** Opens a session; gives its id. */
const put =
  (store: SessionStore) =>
  (opening: Session): Observable<string> => {
    const stored = store.put(opening);
    return (isObservable(stored) ? stored : of(stored)).pipe(map(() => opening.id));
  };

const forEach = <T, R>(items: readonly T[], most: number, each: (item: T) => Promise<R>): Promise<R[]> =>
  lastValueFrom(from(items).pipe(mergeMap(each, most), toArray()));

/** The times of looking up some sessions, in milliseconds, the shortest first. */
const times = async (store: SessionStore, ids: readonly string[], most: number): Promise<number[]> => {
  const drawn = Array.from({ length: lookUps }, () => ids[randomInt(ids.length)] ?? '');
  const taken = await forEach(drawn, most, async (id) => {
    const began = performance.now();
    const answer = store.get(id);
    const found = isObservable(answer) ? await firstValueFrom(answer) : answer;
    if (found?.id !== id) throw new Error('a session was lost');
    return performance.now() - began;
  });
  return taken.sort((a, b) => a - b);
};

const row = (what: string, sorted: readonly number[]): string => {
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? NaN).toFixed(2);
  return `${what.padEnd(52)} p50 ${at(0.5)} ms   p99 ${at(0.99)} ms`;
};

const cluster = await startHazelcast({ members: 2, clusterName: 'sluice-bench', heapMb: 512 });
try {
  const own = await opened(cluster);
  // What members set up once must not count for sessions.
  await lastValueFrom(
    from(Array.from({ length: 1000 }, session)).pipe(mergeMap(put(own.store), atOnce), toArray()),
  );
  const [membersBefore, hereBefore] = [await onMembers(cluster), here()];
  const began = performance.now();
  const ids = await lastValueFrom(
    range(0, count).pipe(map(session), mergeMap(put(own.store), atOnce), toArray()),
  );
  const seconds = (performance.now() - began) / 1000;
  const [membersAfter, hereAfter] = [await onMembers(cluster), here()];
  const perSession = (after: number, before: number): string => ((after - before) / count).toFixed(0);
  console.log(
    `${count} sessions, two members with one backup, ${cpus().length} cores, node ${process.version}`,
  );
  console.log(`opened ${Math.round(count / seconds)} a second`);
  console.log(`on the members, both copies     ${perSession(membersAfter, membersBefore)} bytes a session`);
  // The ids that this program remembers are those of the store.
  console.log(`in the gateway                  ${perSession(hereAfter, hereBefore)} bytes a session`);
  await times(own.store, ids, atOnce); // warms up
  console.log(row('look-up, one at a time', await times(own.store, ids, 1)));
  console.log(row(`look-up, ${atOnce} at a time`, await times(own.store, ids, atOnce)));
  const other = await opened(cluster);
  console.log(row('first look-up by another instance, which renews it', await times(other.store, ids, 1)));
  await Promise.all([own.close(), other.close()]);
} finally {
  await cluster.close();
}
