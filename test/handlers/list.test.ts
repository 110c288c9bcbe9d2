import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { EMPTY, firstValueFrom, isObservable } from 'rxjs';
import { list, staleKey } from '../../src/handlers/list.js';
import type { ListMethod } from '../../src/protocol/methods.js';
import { cursors } from '../../src/protocol/cursor.js';
import { applyEvent, type Catalog } from '../../src/streams/catalog.js';
import type { Reply } from '../../src/streams/reply.js';
import { constant } from '../../src/streams/latest.js';
import type { CallOptions } from '../../src/testing/call.js';
import { marbles } from '../../src/testing/marbles.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import type { ShownEntries } from '../../src/streams/shownEntries.js';
import { catalogOf, enteredCall, noRefresh, tool } from '../operators/scenarios.js';

const orders = serverOffering('orders', {
  tools: ['e', 'd', 'c', 'b', 'a'].map((name) => tool(name)),
  prompts: [{ name: 'p' }],
  resources: [{ uri: 'a:b', name: 'r' }],
  resourceTemplates: [{ uriTemplate: 'a:{b}', name: 't' }],
});
const everything: ShownEntries = (_exchange, _method, entries) => entries;
const listCursors = cursors(randomBytes(32));
const ask = async (
  catalog: Catalog,
  method: ListMethod,
  options: CallOptions = {},
  pageSize = 2,
): Promise<Readonly<Record<string, unknown>>> => {
  const handler = list(method, {
    catalog: constant(catalog),
    refresh: noRefresh,
    shown: everything,
    cursors: listCursors,
    pageSize,
  });
  const answer = handler(enteredCall(method, options));
  const reply: Reply = isObservable(answer) ? await firstValueFrom(answer) : answer;
  assert.ok(reply.kind === 'result');
  return reply.result;
};
const names = (result: Readonly<Record<string, unknown>>) =>
  (result['tools'] as { name: string }[]).map(({ name }) => name);

describe('handlers/list', () => {
  it('each list has its key', async () => {
    const catalog = catalogOf(orders);
    assert.deepEqual(await ask(catalog, 'prompts/list'), { prompts: [{ name: 'orders_p' }] });
    assert.deepEqual(await ask(catalog, 'resources/list'), { resources: [{ uri: 'a:b', name: 'r' }] });
    assert.deepEqual(await ask(catalog, 'resources/templates/list'), {
      resourceTemplates: [{ uriTemplate: 'a:{b}', name: 't' }],
    });
    assert.deepEqual(await ask(catalogOf(), 'tools/list'), { tools: [] });
  });

  it('pages through everything, sorted, once each', async () => {
    const seen: string[][] = [];
    let cursor: unknown;
    do {
      const page = await ask(catalogOf(orders), 'tools/list', {
        params: cursor === undefined ? {} : { cursor },
      });
      seen.push(names(page));
      cursor = page['nextCursor'];
    } while (cursor !== undefined);
    assert.deepEqual(seen, [['orders_a', 'orders_b'], ['orders_c', 'orders_d'], ['orders_e']]);
  });

  it('has no cursor after a page that is just full', async () => {
    assert.equal('nextCursor' in (await ask(catalogOf(orders), 'tools/list', {}, 5)), false);
    assert.equal('nextCursor' in (await ask(catalogOf(orders), 'tools/list', {}, 4)), true);
  });

  it('goes on after the last one seen though the list has changed meanwhile', async () => {
    const { nextCursor } = await ask(catalogOf(orders), 'tools/list');
    const changed = catalogOf(
      serverOffering('orders', { tools: ['aa', 'c', 'cc'].map((name) => tool(name)) }),
    );
    assert.deepEqual(names(await ask(changed, 'tools/list', { params: { cursor: nextCursor } })), [
      'orders_c',
      'orders_cc',
    ]);
  });

  for (const cursor of ['', 'x', 'AAAA'])
    it(`refuses the cursor ${JSON.stringify(cursor)}`, () =>
      assert.rejects(() => ask(catalogOf(orders), 'tools/list', { params: { cursor } }), {
        code: 'ERR_CURSOR_INVALID',
      }));

  it('refuses a cursor of another list or namespace', async () => {
    const { nextCursor: cursor } = await ask(catalogOf(orders), 'tools/list');
    await assert.rejects(() => ask(catalogOf(orders), 'prompts/list', { params: { cursor } }), {
      code: 'ERR_CURSOR_INVALID',
    });
    await assert.rejects(
      () => ask(catalogOf(orders), 'tools/list', { namespace: 'team', params: { cursor } }),
      { code: 'ERR_CURSOR_INVALID' },
    );
  });

  it('a namespace has its own names; an unknown one is refused', async () => {
    assert.deepEqual(names(await ask(catalogOf(orders), 'tools/list', { namespace: 'team' })), ['a', 'b']);
    await assert.rejects(() => ask(catalogOf(orders), 'tools/list', { namespace: 'x' }), {
      code: 'ERR_NAMESPACE_UNKNOWN',
    });
  });

  it('serves the last good part of a broken server and says so', async () => {
    const broken = applyEvent(catalogOf(orders), { kind: 'failed', server: orders, at: 0, reason: 'gone' });
    const result = await ask(broken, 'tools/list', {}, 1);
    assert.deepEqual(names(result), ['orders_a']);
    assert.deepEqual(result['_meta'], {
      [staleKey]: [{ server: 'orders', since: '1970-01-01T00:00:00.000Z', reason: 'gone' }],
    });
  });

  it('tells how long lists are good that may be of some age, and asks servers only when they are older', async () => {
    const asked: unknown[] = [];
    const handler = (method: ListMethod): Promise<Reply> => {
      const answer = list(method, {
        catalog: constant(catalogOf(orders)),
        refresh: noRefresh,
        aged: {
          maxAgeMs: { 'tools/list': 60_000 },
          roster: {
            refresh: (_names, maxAgeMs) => (asked.push(maxAgeMs), EMPTY),
            leftMs: (names, maxAgeMs) => (asked.push(names), maxAgeMs - 1000),
          },
        },
        shown: everything,
        cursors: listCursors,
        pageSize: 10,
      })(enteredCall(method));
      return isObservable(answer) ? firstValueFrom(answer) : Promise.resolve(answer);
    };
    const [tools, prompts] = [await handler('tools/list'), await handler('prompts/list')];
    assert.ok(tools.kind === 'result' && prompts.kind === 'result');
    assert.equal(tools.result['ttlMs'], 59_000);
    assert.equal('ttlMs' in prompts.result, false);
    assert.deepEqual(asked, [60_000, ['orders']]);
  });

  it('waits for the refresh, and lets go of it when unsubscribed', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const refresh = cold<never>(' --|');
      const options = {
        catalog: constant(catalogOf(orders)),
        refresh: () => refresh,
        shown: everything,
        cursors: listCursors,
        pageSize: 9,
      };
      const answer = list('prompts/list', options)(enteredCall('prompts/list'));
      assert.ok(isObservable(answer));
      expectObservable(answer).toBe('--(r|)', {
        r: { kind: 'result', result: { prompts: [{ name: 'orders_p' }] } },
      });
      expectObservable(answer, '^!').toBe('--');
      expectSubscriptions(refresh.subscriptions).toBe(['^-!', '^!']);
    }));
});
