import assert from 'node:assert/strict';
import type { NamespaceSettings, Settings } from '../../src/config/settings.js';
import { applyEvent, emptyCatalog, type Catalog, type CatalogEvent } from '../../src/streams/catalog.js';
import type { ServerState } from '../../src/streams/serverState.js';
import { offerOf } from '../../src/testing/fakeBackend.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { steadyInstances } from '../../src/testing/steadyInstances.js';
import { knownPrincipal } from '../../src/streams/knownPrincipal.js';

const settings = (parts: Partial<Settings> = {}): Settings =>
  ({
    naming: { separator: '_' },
    namespaces: [],
    blockedTools: [],
    servers: [],
    ...parts,
  }) as unknown as Settings;
const namespace = (parts: Partial<NamespaceSettings>): NamespaceSettings => ({
  name: 'team',
  servers: ['a'],
  denied: [],
  prefixed: true,
  ...parts,
});
const tool = (name: string) => ({ name, inputSchema: { type: 'object' } });
const configured = (servers: readonly ServerState[], parts: Partial<Settings> = {}): CatalogEvent => ({
  kind: 'configured',
  settings: settings(parts),
  servers,
});
const offered = (server: ServerState, ...tools: string[]): CatalogEvent => ({
  kind: 'offered',
  server,
  offer: offerOf({ tools: tools.map(tool) }),
});
const failed = (server: ServerState, at: number): CatalogEvent => ({
  kind: 'failed',
  server,
  at,
  reason: 'gone',
});
const after = (...events: CatalogEvent[]): Catalog => events.reduce(applyEvent, emptyCatalog);
const toolsOf = (catalog: Catalog, name?: string): readonly string[] => [
  ...(catalog.whole(name)?.tools.keys() ?? ['no view']),
];

const a = serverOffering('a', undefined);
const b = serverOffering('b', undefined);

describe('streams/catalog: applyEvent', () => {
  const rows: [string, CatalogEvent[], readonly string[], readonly (number | undefined)[]][] = [
    ['nothing yet', [], [], []],
    ['configured, nothing offered', [configured([a, b])], [], [undefined, undefined]],
    ['one has offered', [configured([a, b]), offered(a, 'x')], ['a_x'], [undefined, undefined]],
    [
      'both have',
      [configured([b, a]), offered(a, 'x'), offered(b, 'y')],
      ['a_x', 'b_y'],
      [undefined, undefined],
    ],
    [
      'a later offer replaces',
      [configured([a]), offered(a, 'x'), offered(a, 'y', 'z')],
      ['a_y', 'a_z'],
      [undefined],
    ],
    ['a failure keeps the last good', [configured([a]), offered(a, 'x'), failed(a, 5)], ['a_x'], [5]],
    ['staleness dates from the first', [configured([a]), failed(a, 5), failed(a, 9)], [], [5]],
    ['an offer ends staleness', [configured([a]), failed(a, 5), offered(a, 'x')], ['a_x'], [undefined]],
    [
      'who has gone says nothing',
      [configured([a]), configured([b]), offered(a, 'x'), failed(a, 1)],
      [],
      [undefined],
    ],
    [
      'the same server is remembered',
      [configured([a]), offered(a, 'x'), configured([b, a])],
      ['a_x'],
      [undefined, undefined],
    ],
  ];
  for (const [name, events, tools, stale] of rows)
    it(name, () => {
      const catalog = after(...events);
      assert.deepEqual(toolsOf(catalog), tools);
      assert.deepEqual(
        catalog.servers.map((server) => server.stale?.since),
        stale,
      );
    });

  it('a server connected anew keeps its last offer until it has answered', () => {
    const anew = { ...a, instances: steadyInstances(a.instances.current) };
    const catalog = after(configured([a]), offered(a, 'x'), configured([anew]));
    assert.deepEqual(toolsOf(catalog), ['a_x']);
    assert.equal(catalog.servers[0]?.instances, anew.instances);
    assert.deepEqual(
      toolsOf(applyEvent(catalog, offered(a, 'late'))),
      ['a_x'],
      'the old one is not heard any more',
    );
    assert.deepEqual(toolsOf(applyEvent(catalog, offered(anew, 'y'))), ['a_y']);
  });

  it('a new prefix renames what was offered', () => {
    const renamed = { ...a, settings: { ...a.settings, prefix: 'new' } };
    assert.deepEqual(toolsOf(after(configured([a]), offered(a, 'x'), configured([renamed]))), ['new_x']);
  });

  it('is pure: the snapshot before stays as it was, and the same event changes nothing', () => {
    const before = after(configured([a]));
    const event = offered(a, 'x');
    const next = applyEvent(before, event);
    assert.deepEqual(toolsOf(before), []);
    assert.equal(applyEvent(next, event), next);
  });

  it('builds a view once a snapshot', () => {
    const catalog = after(configured([a], { namespaces: [namespace({})] }), offered(a, 'x'));
    assert.equal(catalog.whole(), catalog.whole());
    assert.equal(catalog.whole('team'), catalog.whole('team'));
    assert.equal(catalog.whole('other'), undefined);
  });
});

describe('streams/catalog: namespaces', () => {
  const both = [offered(a, 'x', 'y'), offered(b, 'x')];
  const rows: [string, Partial<NamespaceSettings>, Partial<Settings>, readonly string[]][] = [
    ['one server', {}, {}, ['a_x', 'a_y']],
    ['both', { servers: ['a', 'b'] }, {}, ['a_x', 'a_y', 'b_x']],
    ['an unknown server', { servers: ['nobody'] }, {}, []],
    ['without prefixes', { prefixed: false }, {}, ['x', 'y']],
    ['allowed', { servers: ['a', 'b'], allowed: ['*_x'] }, {}, ['a_x', 'b_x']],
    ['allowed nothing', { allowed: [] }, {}, []],
    ['denied', { denied: ['a_x'] }, {}, ['a_y']],
    ['denied beats allowed', { allowed: ['a_*'], denied: ['*y'] }, {}, ['a_x']],
    [
      'access lists name prefixes even where names have none',
      { prefixed: false, allowed: ['a_x'] },
      {},
      ['x'],
    ],
    ['blocked by exposed name', {}, { blockedTools: ['a_x'] }, ['a_y']],
    ["blocked by the server's own", { servers: ['a', 'b'] }, { blockedTools: ['x'] }, ['a_y']],
  ];
  for (const [name, parts, more, tools] of rows)
    it(name, () => {
      const catalog = after(configured([a, b], { namespaces: [namespace(parts)], ...more }), ...both);
      assert.deepEqual(toolsOf(catalog, 'team'), tools);
    });

  it("blocked for a tenant, by the server's own name, the exposed one, and the one with the tenant's prefix", () => {
    const access = { tenants: [{ name: 'acme', prefix: 'acme', dedicated: false }] };
    const principal = knownPrincipal({ id: 'ann', tenant: 'acme' });
    const shown = (blockedTools: readonly string[]): string[] => {
      const catalog = after(configured([a], { access, blockedTools }), offered(a, 'x', 'y'));
      return [...(catalog.view({ namespace: undefined, principal })?.tools.keys() ?? [])];
    };
    assert.deepEqual(shown([]), ['acme_a_x', 'acme_a_y']);
    for (const pattern of ['x', 'a_x', 'acme_a_x', 'X', '*_x', 'ACME_*_X'])
      assert.deepEqual(shown([pattern]), ['acme_a_y'], pattern);
  });

  it('the separator is configurable', () => {
    const catalog = after(configured([a], { naming: { separator: '--' } }), offered(a, 'x'));
    assert.deepEqual(toolsOf(catalog), ['a--x']);
  });
});
