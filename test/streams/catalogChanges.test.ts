import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BehaviorSubject } from 'rxjs';
import type { McpServerSettings, NamespaceSettings, Settings } from '../../src/config/settings.js';
import { distinctName } from '../../src/protocol/names.js';
import type { Principal } from '../../src/streams/exchange.js';
import { knownPrincipal } from '../../src/streams/knownPrincipal.js';
import { applyEvent, emptyCatalog, type Catalog, type CatalogServer } from '../../src/streams/catalog.js';
import type { ListChange } from '../../src/streams/change.js';
import { fingerprint } from '../../src/streams/fingerprint.js';
import { listChanges } from '../../src/streams/listChanges.js';
import type { Instances, ServerState } from '../../src/streams/serverState.js';
import type { View } from '../../src/streams/view.js';
import { anyone } from '../../src/testing/anyone.js';
import { offerOf } from '../../src/testing/fakeBackend.js';
import { serverOffering, serverSettings } from '../../src/testing/serverOffering.js';

const kinds = ['tools', 'prompts', 'resources'] as const;
const endpoints = [undefined, 'all', 'some', 'bare', 'nobody'] as const;
const caller = (id: string, tenant?: string): Principal => ({
  ...knownPrincipal({ id, method: 'none' }),
  tenant,
});
const callers = [caller('1', 'one'), caller('2', 'two'), caller('3')];
/** Whatever anybody can look at. */
const looks = endpoints.flatMap((namespace) => [
  (catalog: Catalog) => catalog.whole(namespace),
  ...callers.map((principal) => (catalog: Catalog) => catalog.view({ namespace, principal })),
]);
/** Other connections to the same server. */
const reconnected = (instances: Instances): Instances => ({ ...instances });

/** Everything that can be seen of a view, lists in their order. */
const seen = (view: View | undefined) =>
  view && {
    servers: view.servers.map(({ settings }) => settings.name),
    lists: [view.tools, view.prompts, view.resources, view.templates].map((list) =>
      [...list].map(([key, { server, ...entry }]) => ({
        ...entry,
        of: server.settings.name,
        stale: server.stale,
        found: key,
        check: undefined,
        matches: undefined,
      })),
    ),
    dotted: [...view.dotted].map(([name, { key }]) => [name, key]),
    fingerprints: kinds.map((kind) => fingerprint(view, kind)),
  };

/** The same servers with the same offers, in a catalogue that has no past. */
const afresh = (catalog: Catalog, settings: Settings): Catalog => {
  const servers = catalog.servers.map((state) => ({ ...state, instances: reconnected(state.instances) }));
  const configured = { kind: 'configured', settings, servers } as const;
  return servers.reduce(
    (fresh, server) => {
      const { offer, stale } = server;
      const offered = offer === undefined ? fresh : applyEvent(fresh, { kind: 'offered', server, offer });
      if (stale === undefined) return offered;
      return applyEvent(offered, { kind: 'failed', server, at: stale.since, reason: stale.reason });
    },
    applyEvent(emptyCatalog, configured),
  );
};

const names = ['a', 'b', 'c', 'd'] as const;
/** Alike after fitting, alike with another's prefix, and what a name is called when it has to give way. */
const toolNames = [
  'x',
  'y',
  'p_x',
  'x.y',
  'x_y',
  'x/y',
  distinctName('p_x', 'b', 'x'),
  distinctName('x', 'b', 'x'),
];
const someOf = (values: readonly string[]) => fc.subarray([...values]);
const offers = fc
  .record({
    tools: someOf(toolNames),
    prompts: someOf(['x', 'p_x', 'x y']),
    resources: someOf(['u:1', 'u:2']),
  })
  .map(({ tools, prompts, resources }) =>
    offerOf({
      tools: tools.map((name) => ({ name, inputSchema: { type: 'object' } })),
      prompts: prompts.map((name) => ({ name })),
      resources: resources.map((uri) => ({ uri, name: uri })),
      resourceTemplates: resources.map((uri) => ({ uriTemplate: `${uri}/{id}`, name: uri })),
    }),
  );
const patterns = fc.constantFrom<readonly string[] | undefined>(undefined, ['*x*'], ['p_*', 'y']);
const server = fc
  .record({
    prefix: fc.constantFrom('', 'p', 'q'),
    discovered: fc.boolean(),
    include: patterns,
    task: fc.boolean(),
    anew: fc.boolean(),
  })
  .map(({ discovered, include, task, ...parts }) => ({
    ...parts,
    ...(discovered && { discovered: {} }),
    ...(include && { include }),
    ...(task && { toolRules: { x: { task } } }),
  }));
const changes = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('offered' as const),
      name: fc.constantFrom(...names),
      offer: offers,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('failed' as const), name: fc.constantFrom(...names) }),
  },
  // One service is registered anew: the settings of the others are the same objects.
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('changed' as const), name: fc.constantFrom(...names), server }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('servers' as const), order: fc.shuffledSubarray([...names]) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('rules' as const), blocked: patterns, allowed: patterns }),
  },
);

type Change = typeof changes extends fc.Arbitrary<infer C> ? C : never;

/** A gateway's configuration and servers, as changes make them. */
class Story {
  catalog: Catalog = emptyCatalog;
  settings = configuration([], undefined);
  readonly #known = new Map<string, CatalogServer>(
    names.map((name) => [name, serverOffering(name, undefined)]),
  );
  #order: readonly string[] = names;

  constructor() {
    this.#configure();
  }

  tell(change: Change): void {
    if (change.kind === 'offered' || change.kind === 'failed') {
      const { name, ...news } = change;
      const event = news.kind === 'failed' ? { ...news, at: 1, reason: 'gone' } : news;
      this.catalog = applyEvent(this.catalog, { ...event, server: this.#server(name) });
      return;
    }
    if (change.kind === 'changed') this.#change(change.name, change.server);
    else if (change.kind === 'servers') this.#order = change.order;
    else this.settings = configuration(change.blocked ?? [], change.allowed);
    this.#configure();
  }

  #server(name: string): CatalogServer {
    return this.#known.get(name) as CatalogServer;
  }

  #change(name: string, { anew, ...parts }: { readonly anew: boolean } & Partial<McpServerSettings>): void {
    const { instances } = this.#server(name);
    const settings = serverSettings(name, parts);
    this.#known.set(name, { settings, instances: anew ? reconnected(instances) : instances });
  }

  #configure(): void {
    const servers = this.#order.map((name) => ({ ...this.#server(name) }));
    this.catalog = applyEvent(this.catalog, { kind: 'configured', settings: this.settings, servers });
  }
}

const configuration = (blockedTools: readonly string[], allowed: readonly string[] | undefined): Settings => {
  const namespace = (name: string, parts: Partial<NamespaceSettings>): NamespaceSettings => ({
    name,
    servers: names,
    denied: [],
    prefixed: true,
    ...parts,
  });
  return {
    naming: { separator: '_' },
    namespaces: [
      namespace('all', { ...(allowed && { allowed }) }),
      namespace('some', { servers: ['b', 'd'], denied: ['*y'] }),
      namespace('bare', { prefixed: false }),
    ],
    blockedTools,
    servers: [],
    access: {
      tenants: [
        { name: 'one', prefix: 'p', dedicated: false },
        { name: 'two', servers: ['a', 'b'], dedicated: allowed !== undefined },
      ],
      rules: [
        { tools: { denied: blockedTools }, prompts: { denied: ['x'] }, resources: { denied: ['u:1'] } },
      ],
    },
  } as unknown as Settings;
};

describe('streams/catalog: changes', () => {
  it('what comes about step by step is what would be made at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ change: changes, looked: fc.boolean() }), { maxLength: 25 }),
        (steps) => {
          const story = new Story();
          for (const { change, looked } of steps) {
            story.tell(change);
            if (!looked) continue;
            // Each look in a catalogue of its own: what others have looked at must not matter either.
            for (const look of looks)
              assert.deepEqual(seen(look(story.catalog)), seen(look(afresh(story.catalog, story.settings))));
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('one that gave way to another stays when that has gone', () => {
    const given = distinctName('x', 'b', 'x');
    const servers = ['c', 'a', 'b'].map((name) => serverOffering(name, undefined, { prefix: '' }));
    const settings = configuration([], undefined);
    const tool = (name: string) => offerOf({ tools: [{ name, inputSchema: { type: 'object' } }] });
    const [all, two] = [servers, servers.slice(1)].map(
      (servers) => ({ kind: 'configured', settings, servers }) as const,
    );
    assert.ok(all && two);
    const both = servers.reduce(
      (catalog, server, index) =>
        applyEvent(catalog, { kind: 'offered', server, offer: tool(index > 0 ? 'x' : given) }),
      applyEvent(emptyCatalog, all),
    );
    assert.deepEqual(
      [...(both.whole()?.tools.keys() ?? [])].length,
      2,
      'the name that it was given is wanted, too',
    );
    assert.deepEqual([...(applyEvent(both, two).whole()?.tools.keys() ?? [])], ['x', given]);
  });

  describe('one of 1,000 servers with 10 tools each', () => {
    const ten = (mark = '') =>
      offerOf({
        tools: Array.from({ length: 10 }, (_, index) => ({
          name: `tool_${index}`,
          description: `Does this${mark}`,
          inputSchema: { type: 'object' as const },
        })),
      });
    const all = Array.from({ length: 1000 }, (_, index) =>
      serverOffering(`s${String(index).padStart(4, '0')}`, undefined, { discovered: {} }),
    );
    const namespaces = [
      { name: 'has', servers: ['s0499', 's0500'], denied: [], prefixed: true },
      { name: 'has_not', servers: ['s0499', 's0501'], denied: [], prefixed: true },
    ];
    const settings = {
      ...configuration([], undefined),
      access: undefined,
      namespaces,
    } as unknown as Settings;
    const states = (changed?: CatalogServer): readonly CatalogServer[] =>
      all.map(({ settings: own, instances }, index) =>
        index === 500 && changed !== undefined ? changed : { settings: own, instances },
      );
    const configured = (servers: readonly CatalogServer[]) =>
      // As discovery gives it: made anew each time, in which what has not changed is the same.
      ({
        kind: 'configured',
        settings: { ...settings, namespaces: structuredClone(namespaces) },
        servers,
      }) as const;
    const begun = all.reduce<Catalog>(
      (catalog, server) => applyEvent(catalog, { kind: 'offered', server, offer: ten() }),
      applyEvent(emptyCatalog, configured(states())),
    );
    const one = all[500] as ServerState;
    before(() => ['has', 'has_not', undefined].forEach((name) => begun.whole(name)));
    const rebuilt = (catalog: Catalog): number => {
      const [before, after] = [begun.whole(), catalog.whole()];
      assert.equal(after?.tools.size, 10_000);
      return [...after.tools].filter(([key, entry]) => before?.tools.get(key) !== entry).length;
    };

    const stories: [string, () => Catalog, number][] = [
      [
        'another offer',
        () => applyEvent(begun, { kind: 'offered', server: one, offer: ten(' and that') }),
        10,
      ],
      ['it fails', () => applyEvent(begun, { kind: 'failed', server: one, at: 1, reason: 'gone' }), 10],
      [
        'registered anew, as another',
        () =>
          applyEvent(
            begun,
            configured(
              states({ settings: { ...one.settings, timeoutMs: 5 }, instances: reconnected(one.instances) }),
            ),
          ),
        10,
      ],
      ['the configuration is told again', () => applyEvent(begun, configured(states())), 0],
    ];
    for (const [what, tell, count] of stories)
      it(`${what}: ${count} of 10,000 entries are made`, () => {
        const catalog = tell();
        assert.equal(rebuilt(catalog), count);
        assert.equal(catalog.whole('has_not'), begun.whole('has_not'), 'an endpoint it is not in');
        if (count === 0) assert.equal(catalog.whole(), begun.whole());
        else assert.notEqual(catalog.whole('has'), begun.whole('has'));
      });

    it('clients are told where it is, and nowhere else', () => {
      const catalogs = new BehaviorSubject(begun);
      const catalog = {
        get current() {
          return catalogs.value;
        },
        changes$: catalogs.asObservable(),
      };
      const told: [string, ListChange][] = [];
      const listening = ['has', 'has_not'].map((name) =>
        listChanges(catalog, { ...anyone, namespace: name }, kinds).subscribe((change) =>
          told.push([name, change]),
        ),
      );
      catalogs.next(applyEvent(begun, { kind: 'failed', server: one, at: 1, reason: 'gone' }));
      assert.deepEqual(told, [], 'the list is the same');
      catalogs.next(applyEvent(begun, { kind: 'offered', server: one, offer: ten(' and that') }));
      assert.deepEqual(told, [['has', { kind: 'list', list: 'tools' }]]);
      for (const one of listening) one.unsubscribe();
    });
  });
});
