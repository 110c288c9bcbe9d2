import assert from 'node:assert/strict';
import { apiKeysFile, type ApiKeysFile } from '../../support/apiKeysFile.js';
import { ask } from '../../support/ask.js';
import { eventually } from '../../support/eventually.js';
import { openLive } from '../../support/liveEvents.js';
import { modernRequest } from '../../support/modern.js';
import {
  adminKey,
  startConsole,
  type ConsoleClient,
  type RunningConsole,
} from '../../support/startConsole.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';

interface Call {
  readonly id: string;
  readonly user?: string;
  readonly tenant?: string;
  readonly tool?: string;
  readonly outcome: string;
}

describe('console: what has happened', function () {
  this.timeout(30_000);
  let keys: ApiKeysFile;
  let backend: McpBackend;
  let console: RunningConsole;
  let admin: ConsoleClient;
  let acme: ConsoleClient;
  before(async () => {
    keys = await apiKeysFile({ ann: 'acme', bob: 'beta' });
    backend = await startMcpBackend();
    console = await startConsole(
      `auth: { api_keys: { file: '${keys.path}' } }
tenants:
  acme: { servers: [mail] }
  beta: { servers: [mail, bank] }
servers:
  mail: { url: '${backend.url}' }
  bank: { url: '${backend.url}' }`,
      { admin: ', keys: [{ name: eve, key: a-key-of-acme-alone, tenant: acme }]' },
    );
    admin = console.program(adminKey);
    acme = console.program('a-key-of-acme-alone');
    const call = (user: string, name: string, args = {}) =>
      ask(console.port, modernRequest('tools/call', { name, arguments: args }, { headers: keys.of(user) }));
    for (let i = 0; i < 40; i++) await call('ann', 'mail_echo', { to: `${i}@example.com` });
    for (let i = 0; i < 3; i++) await call('bob', 'bank_echo');
    await call('ann', 'bank_echo');
    await call('bob', 'mail_nothing');
  });
  after(async () => {
    await console.close();
    await backend.close();
    await keys.remove();
  });
  const get = async <T>(client: ConsoleClient, path: string): Promise<T> => {
    const { status, json, text } = await client('GET', path);
    assert.equal(status, 200, text);
    return json as T;
  };
  const calls = async (client: ConsoleClient, query = ''): Promise<readonly Call[]> =>
    (await get<{ calls: readonly Call[] }>(client, `/calls${query}`)).calls;

  it('finds who called a tool so often', async () => {
    const { groups, total } = await get<{
      groups: { key: string; calls: number; errors: number }[];
      total: number;
    }>(admin, '/calls/groups?by=user&tool=mail_echo');
    assert.deepEqual([total, groups[0]?.key, groups[0]?.calls, groups[0]?.errors], [1, 'ann', 40, 0]);
  });

  it('counts by address', async () => {
    const { groups } = await get<{ groups: { key: string; calls: number }[] }>(
      admin,
      '/calls/groups?by=address',
    );
    assert.deepEqual(
      groups.map(({ key, calls: count }) => [key, count]),
      [['127.0.0.1', 45]],
    );
  });

  it('shows the newest first, page by page, each once', async () => {
    const seen: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page: { calls: readonly Call[]; next_cursor?: string } = await get(
        admin,
        `/calls?limit=20&cursor=${cursor}`,
      );
      assert.ok(page.calls.length <= 20);
      seen.push(...page.calls.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    assert.equal(seen.length, 45);
    assert.equal(new Set(seen).size, 45);
  });

  const filters: [string, number][] = [
    ['?user=bob', 4],
    ['?tenant=acme', 41],
    ['?tool=bank_echo&user=bob', 3],
    ['?outcome=success&server=bank', 3],
    ['?outcome=not_found', 1],
    ['?search=MAIL_NOTH', 1],
    ['?address=127.0.0.1', 45],
    ['?address=192.0.2.1', 0],
    ['?without=user', 0],
    ['?without=server&outcome=not_found', 1],
    ['?from=2999-01-01T00:00:00Z', 0],
    ['?to=2999-01-01T00:00:00Z&limit=1000', 45],
    ['?tool=%3Cscript%3E', 0],
  ];
  for (const [query, count] of filters)
    it(`finds ${count} by ${query}`, async () => assert.equal((await calls(admin, query)).length, count));

  for (const query of [
    '?from=then',
    '?limit=0',
    '?limit=x',
    '?cursor=..',
    '/groups?by=password',
    '?without=password',
  ])
    it(`says what is wrong with ${query}`, async () =>
      assert.equal((await admin('GET', `/calls${query}`)).status, 400));

  it('tells of one call the stages it has passed, and where another was refused', async () => {
    const [good] = await calls(admin, '?tool=mail_echo&limit=1');
    const detail = await get<{
      stages: { name: string; start_ms: number; duration_ms: number }[];
      revision: string;
      reason?: string;
    }>(admin, `/calls/${good?.id ?? ''}`);
    assert.deepEqual(
      ['authenticate', 'resolveTool', 'invoke'].filter(
        (name) => !detail.stages.some((stage) => stage.name === name),
      ),
      [],
    );
    const [refused] = await calls(admin, '?outcome=not_found');
    const why = await get<{ stages: { name: string }[]; error: string }>(
      admin,
      `/calls/${refused?.id ?? ''}`,
    );
    assert.deepEqual([why.error, why.stages.at(-1)?.name], ['ERR_TOOL_UNKNOWN', 'resolveTool']);
  });

  it('counts by the second, by outcome, tool and stage', async () => {
    const overview = await get<{
      history: { calls: number }[];
      outcomes: Record<string, number>;
      top_tools: unknown[];
      in_flight: number;
    }>(admin, '/overview');
    assert.equal(overview.outcomes['success'], 43);
    assert.deepEqual(overview.top_tools[0], { tool: 'mail_echo', calls: 40, errors: 0 });
    assert.equal(overview.history.length, 300);
    const { pipelines } = await get<{
      pipelines: { nodes: { name: string; entered: number; refusals: object }[] }[];
    }>(admin, '/pipeline');
    const node = pipelines.flatMap(({ nodes }) => nodes).find(({ name }) => name === 'resolveTool');
    assert.equal(node?.entered, 45);
    assert.deepEqual(node.refusals, { ERR_TOOL_UNKNOWN: 1, ERR_HIDDEN: 1 });
    const { calls: there } = await get<{ calls: Call[] }>(admin, '/pipeline/resolveTool/calls');
    assert.deepEqual(there.map(({ outcome }) => outcome).sort(), ['forbidden', 'not_found']);
  });

  it('tells of servers and tools, with what came of them', async () => {
    const { servers } = await get<{
      servers: { name: string; status: string; kind: string; instances: unknown[] }[];
    }>(admin, '/servers');
    assert.deepEqual(
      servers.map(({ name, status, kind, instances }) => [name, status, kind, instances.length]),
      [
        ['mail', 'up', 'mcp', 1],
        ['bank', 'up', 'mcp', 1],
      ],
    );
    const { tools, total } = await get<{ tools: { name: string; calls: number }[]; total: number }>(
      admin,
      '/tools?search=echo&server=mail',
    );
    assert.deepEqual([total, tools[0]?.name, tools[0]?.calls], [1, 'mail_echo', 40]);
    const tool = await get<{ definition: { name: string }; who: { tenants: string[] }; recent: Call[] }>(
      admin,
      '/tools/bank_echo',
    );
    assert.equal(tool.definition.name, 'bank_echo');
    assert.deepEqual(tool.who.tenants, ['beta']);
    assert.ok(tool.recent.length >= 3);
    assert.equal((await admin('GET', '/tools/mail%2Fecho')).status, 404);
  });

  describe('to somebody of one tenant', () => {
    const paths = [
      '/overview',
      '/servers',
      '/pipeline',
      '/pipeline/resolveTool/calls',
      '/pipeline/invoke/calls',
      '/tools',
      '/tools/mail_echo',
      '/calls?limit=1000',
      '/calls?tenant=beta',
      '/calls?user=bob',
      '/calls/groups?by=tenant',
      '/calls/groups?by=user',
      '/calls/groups?by=server',
      '/calls/groups?by=tool&tenant=beta',
    ];
    for (const path of paths)
      it(`${path} has nothing of another`, async () => {
        const { status, text } = await acme('GET', path);
        assert.equal(status, 200, text);
        for (const word of ['bob', 'beta', '"bank"', 'mail_nothing'])
          assert.ok(!text.includes(word), `${word}: ${text}`);
      });

    it('its own counts are its own', async () => {
      const { outcomes } = await get<{ outcomes: object }>(acme, '/overview');
      assert.deepEqual(outcomes, { success: 40, forbidden: 1 });
      assert.equal((await calls(acme, '?limit=1000')).length, 41);
    });

    it('another one’s call and tool are not there', async () => {
      const [theirs] = await calls(admin, '?user=bob&limit=1');
      assert.equal((await acme('GET', `/calls/${theirs?.id ?? ''}`)).status, 404);
      assert.equal((await acme('GET', '/tools/bank_echo')).status, 404);
    });

    it('live neither', async () => {
      const authorization = 'Bearer a-key-of-acme-alone';
      const topics = 'overview,calls,servers,pipeline,config';
      const live = await openLive(`${console.adminUrl}/api/v1/events?topics=${topics}`, { authorization });
      const texts: string[] = [];
      const reading = live.events$.subscribe((event) => texts.push(JSON.stringify(event)));
      try {
        await live.first('overview');
        for (const user of ['bob', 'ann'])
          await ask(
            console.port,
            modernRequest('tools/call', { name: 'mail_echo', arguments: {} }, { headers: keys.of(user) }),
          );
        const { calls: seen } = await live.first<{ calls: Call[] }>('calls');
        assert.deepEqual(
          seen.map(({ user }) => user),
          ['ann'],
        );
        await live.first('overview', (data: object) => 'point' in data && !('history' in data));
        for (const word of ['bob', 'beta', '"bank"']) assert.ok(!texts.join().includes(word), word);
      } finally {
        reading.unsubscribe();
        live.close();
      }
    });
  });

  it('shows a call as it ends, live, and ends with the sign-in', async () => {
    const browser = await console.browser(adminKey);
    const live = await openLive(`${console.adminUrl}/api/v1/events?topics=overview,calls,servers,pipeline`, {
      cookie: browser.cookie,
    });
    assert.equal(live.headers.get('content-type'), 'text/event-stream');
    const whole = await live.first<{ history: unknown[] }>('overview');
    assert.equal(whole.history.length, 300);
    await live.first<{ name: string }>('server', ({ name }) => name === 'bank');
    await ask(
      console.port,
      modernRequest('tools/call', { name: 'bank_echo', arguments: {} }, { headers: keys.of('bob') }),
    );
    const { calls: seen, skipped } = await live.first<{ calls: Call[]; skipped: number }>('calls');
    assert.deepEqual([seen[0]?.user, seen[0]?.tool, skipped], ['bob', 'bank_echo', 0]);
    await live.first('pipeline');
    await browser('POST', '/sign-out');
    await live.first('signed_out');
    await live.ended;
  });

  it('takes so many live streams of one key and no more, and forgets those that were closed', async () => {
    const authorization = `Bearer ${adminKey}`;
    const open = () => openLive(`${console.adminUrl}/api/v1/events?topics=calls`, { authorization });
    const streams = await Promise.all(Array.from({ length: 10 }, open));
    const refused = await console.fetch('/api/v1/events', { headers: { authorization } });
    assert.equal(refused.status, 429);
    for (const stream of streams) stream.close();
    await eventually(5000, 'room for another stream', async () => {
      const another = await open();
      another.close();
      return another.status === 200;
    });
  });
});
