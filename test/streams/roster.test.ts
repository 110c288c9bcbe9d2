import assert from 'node:assert/strict';
import { distinctUntilChanged, map, of, Subject } from 'rxjs';
import type { McpServerSettings, ServerSettings, Settings } from '../../src/config/settings.js';
import type { CatalogEvent } from '../../src/streams/catalog.js';
import { silent } from '../../src/streams/log.js';
import { Roster } from '../../src/streams/roster.js';
import { fakeBackend, offerOf, type FakeBackend } from '../../src/testing/fakeBackend.js';
import { marbles } from '../../src/testing/marbles.js';
import { steadyInstances } from '../../src/testing/steadyInstances.js';
import { serverSettings } from '../../src/testing/serverOffering.js';
import { balancing } from './balancing/instances.js';

const settings = (...servers: ServerSettings[]): Settings =>
  ({ servers, drainTimeoutMs: 7 }) as unknown as Settings;

const setUp = (log = silent) => {
  const backends = new Map<string, FakeBackend>();
  const connected: string[] = [];
  const told: ServerSettings[] = [];
  const roster = new Roster({
    log,
    backoff: { firstMs: 100, maxMs: 100 },
    minAgeMs: 1000,
    connect: ({ name }, { settings$ }) => {
      connected.push(name);
      settings$.pipe(distinctUntilChanged()).subscribe((newest) => told.push(newest));
      const backend = fakeBackend({ offer: () => of(offerOf({ warnings: ['odd'] })) });
      backends.set(name, backend);
      return steadyInstances([{ id: `${name}#1`, backend }], name);
    },
  });
  const events: CatalogEvent[] = [];
  roster.events$.subscribe((event) => events.push(event));
  return { roster, backends, connected, events, told };
};
const a = serverSettings('a');
const b = serverSettings('b');

describe('streams/roster', () => {
  it('tells the catalogue of a server before its first offer', async () => {
    const { roster, events } = setUp();
    roster.configure(settings(a, b));
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['configured', 'offered', 'offered'],
    );
    await roster.close(0);
  });

  it('does not touch what stays, connects what is new, closes what has gone within the drain timeout', async () => {
    const { roster, connected, backends } = setUp();
    roster.configure(settings(a, b));
    const [before, gone] = [backends.get('a'), backends.get('b')];
    roster.configure(settings(serverSettings('c'), a));
    assert.deepEqual(connected, ['a', 'b', 'c']);
    assert.equal(before?.closedWith, undefined);
    assert.equal(gone?.closedWith, 7);
    await roster.close(3);
    assert.equal(before?.closedWith, 3);
  });

  const kept: [string, Partial<ServerSettings>][] = [
    ['prefix', { prefix: 'other' }],
    ['timeout', { timeoutMs: 1 }],
    ['include', { include: ['x'] }],
    ['exclude', { exclude: ['x'] }],
    ['capabilities', { capabilities: ['tools'] }],
  ];
  for (const [name, change] of kept)
    it(`a changed ${name} needs no new connection, and reaches the catalogue`, async () => {
      const { roster, connected, events } = setUp();
      roster.configure(settings(a));
      roster.configure(settings({ ...a, ...change } as ServerSettings));
      assert.deepEqual(connected, ['a']);
      const last = events.at(-1);
      assert.ok(last?.kind === 'configured');
      assert.deepEqual(last.servers[0]?.settings, { ...a, ...change });
      await roster.close(0);
    });

  it('a changed header is a new connection; the old one is let finish', async () => {
    const { roster, connected, backends } = setUp();
    roster.configure(settings(a));
    const before = backends.get('a');
    roster.configure(settings(serverSettings('a', { headers: { authorization: 'x' } })));
    assert.deepEqual(connected, ['a', 'a']);
    assert.equal(before?.closedWith, 7);
    await roster.close(0);
  });

  const addresses: [string, Partial<McpServerSettings>][] = [
    ['address', { urls: ['http://other.test'] }],
    ['weight', { balancing: balancing({ weights: [1, 2] }) }],
    ['number of those that stand by', { balancing: balancing({ standby: 1 }) }],
  ];
  for (const [name, change] of addresses)
    it(`a changed ${name} is told to the instances, and the server stays what it is`, async () => {
      const { roster, connected, events, told } = setUp();
      const before = serverSettings('a', { balancing: balancing() });
      const after = { ...before, ...change } as ServerSettings;
      roster.configure(settings(before));
      roster.configure(settings(after));
      assert.deepEqual(connected, ['a']);
      assert.deepEqual(told, [before, after]);
      const [first, last] = [events[0], events.at(-1)];
      assert.ok(first?.kind === 'configured' && last?.kind === 'configured');
      assert.equal(last.servers[0]?.instances, first.servers[0]?.instances);
      await roster.close(0);
    });

  it('refreshes all, or those named, and completes with the slowest', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const answer = cold('    --(o|)', { o: offerOf() });
      const roster = new Roster({
        log: silent,
        backoff: { firstMs: 100, maxMs: 100 },
        minAgeMs: 1000,
        connect: ({ name }) =>
          steadyInstances([
            { id: name, backend: fakeBackend({ offer: () => (name === 'a' ? answer : of(offerOf())) }) },
          ]),
      });
      expectObservable(roster.refresh()).toBe('|');
      roster.configure(settings(a, b));
      expectObservable(roster.refresh()).toBe('--|');
      expectObservable(roster.refresh(['b'])).toBe('|');
      expectObservable(
        cold('---x').pipe(
          map(() => [roster.leftMs(['b'], 500), roster.leftMs(['a', 'b'], 2000), roster.leftMs([], 50)]),
        ),
      ).toBe('---x', {
        x: [500, 1997, 50],
      });
      expectSubscriptions(answer.subscriptions).toBe('^-!');
      cold('-----x').subscribe(() => void roster.close(0));
    }));

  it('logs failures and warnings of offers', async () => {
    const lines: string[] = [];
    const log = { ...silent, debug: (_: unknown, line: string) => void lines.push(line) };
    const { roster } = setUp(log);
    roster.configure(settings(a));
    assert.deepEqual(lines, ['odd']);
    await roster.close(0);
  });

  it('is not heard any more after it has closed', async () => {
    const changed$ = new Subject<void>();
    const { roster, events } = setUp();
    roster.configure(settings(a));
    await roster.close(0);
    const before = events.length;
    changed$.next();
    assert.equal(events.length, before);
  });
});
