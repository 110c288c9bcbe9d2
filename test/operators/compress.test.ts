import assert from 'node:assert/strict';
import { firstValueFrom, of, Subject } from 'rxjs';
import type { ToolSearchSettings } from '../../src/config/toolSearchSettings.js';
import { compress } from '../../src/operators/compress.js';
import type { Authenticated, Exchange, InSession } from '../../src/streams/exchange.js';
import { constant } from '../../src/streams/latest.js';
import { silent } from '../../src/streams/log.js';
import { result, type Reply } from '../../src/streams/reply.js';
import { service } from '../../src/streams/service.js';
import type { ShownEntries } from '../../src/streams/shownEntries.js';
import { ToolSearch } from '../../src/streams/toolSearch.js';
import { byCode } from '../../src/testing/byCode.js';
import { marbles } from '../../src/testing/marbles.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { ann, catalogOf, enteredCall, noRefresh, tool } from './scenarios.js';

type Call = Exchange & Authenticated & InSession;
interface Found {
  readonly tools: readonly { readonly name: string }[];
  readonly total: number;
}

const names = ['get_order', 'cancel_order', 'list_invoices', 'secret_order'];
const some = { over: 2, results: 10, always: [] };

const scene = (
  tools: readonly string[] = names,
  settings: ToolSearchSettings | undefined = some,
  hidden: readonly string[] = [],
) => {
  const definitions = tools.map((name) => tool(name, { description: `To ${name.replace('_', ' ')}` }));
  const catalog = catalogOf(serverOffering('s', { tools: definitions }, { prefix: '' }));
  const shown: ShownEntries = (_exchange, _method, entries) =>
    hidden.length === 0 ? entries : new Map([...entries].filter(([name]) => !hidden.includes(name)));
  const sent: Call[] = [];
  const part = service<Call, Reply>((call) => {
    sent.push(call);
    return of(result({ content: [] }));
  });
  const warned: unknown[] = [];
  const warn = (fields: unknown): void => void warned.push(fields);
  const search = new ToolSearch(() => settings, { ...silent, warn });
  const operator = compress(part, { catalog: constant(catalog), refresh: noRefresh, shown, search });
  const view = catalog.view({ namespace: undefined, principal: ann }) ?? assert.fail();
  const list = () =>
    search.listed(view, new Map([...view.tools].filter(([name]) => !hidden.includes(name))), some);
  return { operator, sent, search, view, list, warned };
};

const calling = (name: string, args: unknown): Call =>
  enteredCall('tools/call', { params: { name, arguments: args, _meta: { progressToken: 1 } } });

const found = async (query: string, of_: ReturnType<typeof scene>, more = {}): Promise<Found> => {
  const reply = await firstValueFrom(of(calling('search_tools', { query, ...more })).pipe(of_.operator));
  assert.equal(reply.kind, 'result');
  const { content, structuredContent } = reply.result as unknown as {
    readonly content: readonly [{ readonly text: string }];
    readonly structuredContent: Found;
  };
  assert.deepEqual(JSON.parse(content[0].text), JSON.parse(JSON.stringify(structuredContent)));
  return structuredContent;
};
const namesOf = ({ tools }: Found): readonly string[] => tools.map(({ name }) => name);

describe('operators/compress', () => {
  for (const [what, settings] of [
    ['with', some],
    ['without', undefined],
  ] as const)
    it(`passes direct calls in their frame, as they are, ${what} tool search`, () =>
      marbles(({ cold, expectObservable, flush }) => {
        const { operator, sent } = scene(names, settings ?? { ...some, over: 1000 });
        const a = calling('get_order', {});
        expectObservable(cold('-(a|)', { a }).pipe(operator)).toBe('-(r|)', { r: result({ content: [] }) });
        flush();
        assert.equal(sent[0], a);
      }));

  it('makes of a call of the call tool one of the tool that is meant, with all else it has', async () => {
    const { operator, sent } = scene();
    await firstValueFrom(
      of(calling('call_tool', { name: 'get_order', arguments: { id: 1 } })).pipe(operator),
    );
    await firstValueFrom(of(calling('call_tool', { name: 'call_tool' })).pipe(operator));
    assert.deepEqual(
      sent.map(({ message }) => message.params),
      [
        { name: 'get_order', arguments: { id: 1 }, _meta: { progressToken: 1 } },
        // Not unwrapped twice: nobody has a tool of that name.
        { name: 'call_tool', arguments: {}, _meta: { progressToken: 1 } },
      ],
    );
    assert.deepEqual(
      sent.map(({ isWrapped }) => isWrapped),
      [true, true],
    );
  });

  it('finds by names in parts, beginnings, slips and descriptions, the best first', async () => {
    const it_ = scene();
    assert.equal(namesOf(await found('cancel an order', it_))[0], 'cancel_order');
    assert.deepEqual(namesOf(await found('invoi', it_)), ['list_invoices']);
    assert.deepEqual(namesOf(await found('Invoises', it_)), ['list_invoices']);
    assert.deepEqual(namesOf(await found('nothing like it', it_)), []);
    assert.equal(namesOf(await found('order', it_, { limit: 1 })).length, 1);
  });

  it('finds nothing that its caller could not see in the list', async () => {
    const given = await found('secret order', scene(names, some, ['secret_order']));
    assert.deepEqual(namesOf(given).toSorted(), ['cancel_order', 'get_order']);
    assert.equal(given.total, 3);
  });

  it('finds among many, with others having their turn while they are indexed', async () => {
    const many = scene(Array.from({ length: 1000 }, (_none, index) => `tool_${index}`));
    const [one, two] = await Promise.all([found('tool 777', many), found('tool 778', many)]);
    assert.deepEqual([namesOf(one)[0], namesOf(two)[0], one.total], ['tool_777', 'tool_778', 1000]);
  });

  const wrong: [string, unknown][] = [
    ['search_tools', {}],
    ['search_tools', { query: ' ' }],
    ['search_tools', { query: 7 }],
    ['search_tools', { query: 'x'.repeat(1_000_000) }],
    ['search_tools', { query: 'x', limit: 51 }],
    ['search_tools', { query: 'x', limit: 1.5 }],
    ['search_tools', { query: 'x', where: 'y' }],
    ['search_tools', 'x'],
    ['call_tool', {}],
    ['call_tool', { name: '' }],
    ['call_tool', { name: 'a', arguments: [] }],
    ['call_tool', JSON.parse('{"name":"a","__proto__":{"x":1}}')],
  ];
  for (const [name, args] of wrong)
    it(`refuses ${name} ${JSON.stringify(args).slice(0, 50)}`, () =>
      marbles(({ cold, expectObservable }) => {
        const calls = cold('-(a|)', { a: calling(name, args) });
        expectObservable(calls.pipe(scene().operator, byCode())).toBe('-#', {}, 'ERR_ARGUMENTS_INVALID');
      }));

  it('searches for whatever signs there are', async () => {
    const it_ = scene();
    for (const query of [
      '\u202egnirts',
      '\ud800\udfff',
      '%_\\*()[',
      '__proto__ constructor',
      '🦊'.repeat(400),
    ])
      assert.deepEqual(namesOf(await found(query, it_)), []);
    assert.ok(namesOf(await found('ｇｅｔ　ｏｒｄｅｒ', it_)).includes('get_order'));
  });

  describe('a list', () => {
    it('of no more than is configured is the whole', () => {
      const { search, view } = scene();
      assert.equal(search.listed(view, view.tools, { ...some, over: 4 }).entries, view.tools);
    });

    it('of more has the two, and what is always listed; the same object for the same tools', () => {
      const { search, view } = scene();
      const settings = { ...some, always: ['list_*'] };
      const listed = search.listed(view, view.tools, settings);
      assert.deepEqual([...listed.entries.keys()], ['call_tool', 'list_invoices', 'search_tools']);
      assert.equal(listed.saved?.tools, 3);
      assert.equal(search.listed(view, view.tools, settings), listed);
    });

    it('says about how many tokens it saves', () => {
      const { list } = scene(Array.from({ length: 500 }, (_none, index) => `tool_${index}`));
      const { saved } = list();
      assert.ok(saved !== undefined && saved.tokens > 5000 && saved.tokens < 15_000, JSON.stringify(saved));
    });

    it('has other names for the two where a server has tools of these names, which stay as they are', async () => {
      const taken = scene([...names, 'search_tools', 'gateway_search_tools', 'call_tool']);
      assert.deepEqual([...taken.list().entries.keys()], ['gateway_call_tool', 'gateway_search_tools_2']);
      await firstValueFrom(of(calling('search_tools', { q: 1 })).pipe(taken.operator));
      await firstValueFrom(of(calling('call_tool', {})).pipe(taken.operator));
      assert.deepEqual(
        taken.sent.map(({ isWrapped }) => isWrapped),
        [undefined, undefined],
      );
      assert.deepEqual(taken.warned, [
        {
          event: 'tool_name_taken',
          server: 's',
          tool: 'search_tools',
          gateway_tool: 'gateway_search_tools_2',
        },
        { event: 'tool_name_taken', server: 's', tool: 'call_tool', gateway_tool: 'gateway_call_tool' },
      ]);
    });
  });

  it('leaves when its client does, while policies are asked', () => {
    const asked = new Subject<never>();
    const catalog = constant(catalogOf(serverOffering('s', { tools: [tool('a')] })));
    const operator = compress(
      service<Call, Reply>(() => of()),
      {
        catalog,
        refresh: noRefresh,
        shown: () => asked,
        search: new ToolSearch(() => some),
      },
    );
    const subscription = of(calling('search_tools', { query: 'a' }))
      .pipe(operator)
      .subscribe();
    assert.equal(asked.observed, true);
    subscription.unsubscribe();
    assert.equal(asked.observed, false);
  });
});
