import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { McpServerSettings } from '../../src/config/settings.js';
import { distinctName, maxNameLength } from '../../src/protocol/names.js';
import { wholeAccess } from '../../src/streams/access.js';
import type { Offer } from '../../src/streams/backend.js';
import type { ServerState } from '../../src/streams/serverState.js';
import { fingerprint } from '../../src/streams/fingerprint.js';
import type { ViewRules } from '../../src/streams/slice.js';
import { buildView } from '../../src/streams/view.js';
import { serverOffering } from '../../src/testing/serverOffering.js';

const rules: ViewRules = {
  separator: '_',
  prefixed: true,
  allowed: () => true,
  denied: () => false,
  blocked: () => false,
  access: wholeAccess,
};
const tool = (name: string) => ({ name, inputSchema: { type: 'object' } });
const server = (
  name: string,
  tools: readonly string[],
  parts: Partial<McpServerSettings> = {},
): ServerState => serverOffering(name, { tools: tools.map(tool) }, parts);
const names = (servers: readonly ServerState[], more: Partial<ViewRules> = {}): readonly string[] => [
  ...buildView(servers, { ...rules, ...more }).tools.keys(),
];

describe('streams/view: names', () => {
  it('prefix, separator and name, sorted', () =>
    assert.deepEqual(names([server('b', ['z', 'a']), server('a', ['m'])]), ['a_m', 'b_a', 'b_z']));

  it('a server without a prefix has bare names', () =>
    assert.deepEqual(names([server('a', ['x'], { prefix: '' })]), ['x']));

  it('what vendors do not accept is replaced', () =>
    assert.deepEqual(names([server('a', ['list.all', 'größe', 'a/b c'])]), [
      'a_a_b_c',
      'a_gr__e',
      'a_list_all',
    ]));

  it('a definition keeps all but its name; the upstream one stays as it was', () => {
    const definition = { ...tool('x'), title: 'X', outputSchema: { type: 'object' }, vendor: [1] };
    const entry = buildView([serverOffering('a', { tools: [definition] })], rules).tools.get('a_x');
    assert.deepEqual(entry?.definition, { ...definition, name: 'a_x' });
    assert.equal(entry.upstream, definition);
    assert.equal(entry.definition.inputSchema, definition.inputSchema);
  });

  it('of two alike, the server configured first keeps the name; the other gets a hash, the same every time', () => {
    const [first, second] = [server('one', ['x'], { prefix: 'p' }), server('two', ['x'], { prefix: 'p' })];
    const view = buildView([first, second], rules);
    assert.equal(view.tools.get('p_x')?.server, first);
    const other = [...view.tools.keys()].find((name) => name !== 'p_x') ?? '';
    assert.match(other, /^p_x_[0-9a-f]{8}$/);
    assert.equal(view.tools.get(other)?.server, second);
    assert.equal(view.tools.get(other)?.definition.name, other);
    assert.deepEqual(names([first, second]), names([first, second]));
  });

  it('a name that was fitted stays with its server against those that come later and need no change', () => {
    const [first, later] = [
      server('one', ['get.all'], { prefix: 'p' }),
      server('two', ['get_all'], { prefix: 'p' }),
    ];
    assert.equal(buildView([first, later], rules).tools.get('p_get_all')?.server, first);
  });

  it('nobody takes a name from a server by the hash that would be put behind it', () => {
    const name = distinctName('p_x', 'two', 'x');
    const [first, later] = [
      server('one', ['x', name.slice(2)], { prefix: 'p' }),
      server('two', ['x'], { prefix: 'p' }),
    ];
    assert.equal(buildView([first, later], rules).tools.get(name)?.server, first);
  });

  it('a dotted name of a discovered service goes where the exposed one goes', () => {
    const about = { prefix: 'p', discovered: {} };
    const own = server('configured', ['x'], { prefix: 'p' });
    const found = server('found', ['x', 'y', 'a.b', 'a_b'], about);
    const { dotted } = buildView([own, found, server('later', ['y'], about)], rules);
    assert.deepEqual(
      [...dotted].map(([name, { server: of, upstream }]) => [name, of.settings.name, upstream.name]),
      [
        ['p.a_b', 'found', 'a_b'],
        ['p.a.b', 'found', 'a.b'],
        ['p.x', 'configured', 'x'],
        ['p.y', 'found', 'y'],
      ],
    );
  });

  it('of one server a name that needed no change keeps it against those that were fitted, in any order', () => {
    for (const tools of [
      ['a.b', 'a_b', 'a/b'],
      ['a_b', 'a/b', 'a.b'],
    ]) {
      const view = buildView([server('s', tools, { prefix: '' })], rules);
      assert.equal(view.tools.get('a_b')?.upstream.name, 'a_b');
      assert.equal(view.tools.size, 3);
    }
  });

  it('every name fits, is unique and finds its own tool, whatever servers call theirs', () => {
    const text = fc.string({ unit: 'binary', maxLength: 90 });
    const prefix = fc.oneof(fc.constant(''), fc.stringMatching(/^[a-z0-9_-]{1,50}$/));
    const servers = fc.uniqueArray(fc.tuple(prefix, fc.uniqueArray(text, { maxLength: 6 })), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(servers, (all) => {
        const states = all.map(([p, tools], index) => server(`s${index}`, tools, { prefix: p }));
        const { tools } = buildView(states, rules);
        assert.equal(
          tools.size,
          all.reduce((sum, [, names]) => sum + names.length, 0),
        );
        for (const [key, { definition }] of tools) {
          assert.ok(key.length <= maxNameLength && /^[A-Za-z0-9_-]+$/.test(key), key);
          assert.equal(definition.name, key);
        }
        assert.deepEqual([...tools.keys()], [...tools.keys()].sort());
      }),
      { numRuns: 25 },
    );
  });
});

describe('streams/view: what is offered', () => {
  const rows: [string, Partial<McpServerSettings>, readonly string[]][] = [
    ['all', {}, ['s_get', 's_put', 's_set']],
    ['include', { include: ['?et'] }, ['s_get', 's_set']],
    ['include nothing', { include: [] }, []],
    ['exclude', { exclude: ['p*'] }, ['s_get', 's_set']],
    ['exclude beats include', { include: ['*'], exclude: ['set'] }, ['s_get', 's_put']],
    ["lists are over the server's own names", { include: ['s_get'] }, []],
    ['without tools', { capabilities: ['prompts'] }, []],
    ['with tools', { capabilities: ['tools'] }, ['s_get', 's_put', 's_set']],
  ];
  for (const [name, parts, expected] of rows)
    it(name, () => assert.deepEqual(names([server('s', ['set', 'get', 'put'], parts)]), expected));

  const everything: Partial<Offer> = {
    tools: [tool('t')],
    prompts: [{ name: 'p', title: 'P' }],
    resources: [
      { uri: 'file:///b', name: 'b' },
      { uri: 'file:///a', name: 'a' },
    ],
    resourceTemplates: [{ uriTemplate: 'file:///{x}', name: 'x' }],
  };
  const counts = (parts: Partial<McpServerSettings>) => {
    const { tools, prompts, resources, templates } = buildView(
      [serverOffering('s', everything, parts)],
      rules,
    );
    return [tools.size, prompts.size, resources.size, templates.size];
  };
  it('capabilities choose the kinds', () => {
    assert.deepEqual(counts({}), [1, 1, 2, 1]);
    assert.deepEqual(counts({ capabilities: ['resources'] }), [0, 0, 2, 1]);
    assert.deepEqual(counts({ capabilities: ['tools', 'prompts'] }), [1, 1, 0, 0]);
    assert.deepEqual(counts({ capabilities: [] }), [0, 0, 0, 0]);
  });

  it('prompts are named like tools, resources keep their URIs and are sorted by them', () => {
    const view = buildView([serverOffering('s', everything)], rules);
    assert.deepEqual(
      [...view.prompts.values()].map(({ definition }) => definition),
      [{ name: 's_p', title: 'P' }],
    );
    assert.deepEqual([...view.resources.keys()], ['file:///a', 'file:///b']);
    assert.equal(view.templates.get('file:///{x}')?.matches('file:///c'), true);
  });

  it('one URI at two servers: the one configured first answers', () => {
    const [one, two] = [serverOffering('one', everything), serverOffering('two', everything)];
    const view = buildView([one, two], rules);
    assert.equal(view.resources.get('file:///a')?.server, one);
    assert.equal(view.templates.get('file:///{x}')?.server, one);
  });

  it("a tool's time limit is its server's", () => {
    const { tools } = buildView([server('s', ['x'], { timeoutMs: 77 })], rules);
    assert.equal(tools.get('s_x')?.timeoutMs, 77);
  });
});

describe('streams/fingerprint', () => {
  const view = (...tools: string[]) => buildView([server('s', tools)], rules);
  it('is equal for equal lists, whatever order they were offered in', () =>
    assert.equal(fingerprint(view('a', 'b'), 'tools'), fingerprint(view('b', 'a'), 'tools')));
  it('tells a change, by kind', () => {
    assert.notEqual(fingerprint(view('a'), 'tools'), fingerprint(view('a', 'b'), 'tools'));
    assert.equal(fingerprint(view('a'), 'prompts'), fingerprint(view('a', 'b'), 'prompts'));
  });
  it('resources include templates', () => {
    const offering = (uriTemplate: string) =>
      buildView([serverOffering('s', { resourceTemplates: [{ uriTemplate, name: 'x' }] })], rules);
    assert.notEqual(fingerprint(offering('a{x}'), 'resources'), fingerprint(offering('b{x}'), 'resources'));
  });
  it('no view has its own', () => assert.equal(fingerprint(undefined, 'tools'), ''));
});
