import assert from 'node:assert/strict';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { Agent, fetch as fetchBy } from 'undici';
import { ask } from '../support/ask.js';
import { counts } from '../support/counts.js';
import { eventually } from '../support/eventually.js';
import { inGroups } from '../support/inGroups.js';
import { leavingTransport } from '../support/leavingTransport.js';
import { text } from '../support/mcpTools.js';
import { responseOf } from '../support/messagesOf.js';
import { modernCall, modernRequest } from '../support/modern.js';
import { openLegacySession, type LegacySession } from '../support/openLegacySession.js';
import { openRaw, type RawConnection } from '../support/openRaw.js';
import { requestBytes } from '../support/requestBytes.js';
import { sseEvents } from '../support/sseEvents.js';
import { startStage, transportStory, type Stage } from '../support/transportStory.js';
import { startWorkers, type Workers } from '../support/startWorkers.js';
import { within } from '../support/within.js';

describe('Several workers', function () {
  this.timeout(90_000);
  let stage: Stage;
  let workers: Workers;
  const open: RawConnection[] = [];
  before(async () => {
    stage = await startStage();
    workers = await startWorkers(`servers:\n${stage.servers}\nlimits: { back_large: { rate: 40/day } }`, 2);
  });
  afterEach(() => {
    for (const connection of open.splice(0)) connection.destroy();
  });
  after(async () => {
    await workers.close();
    await stage.close();
  });

  /** Each request on a connection of its own: the workers get them in turn. */
  const agent = new Agent({ pipelining: 0 });
  const anew = ((input: string | URL, init: object) =>
    fetchBy(input, { ...init, dispatcher: agent })) as unknown as typeof fetch;
  after(() => agent.close());

  const send = async (request: Parameters<typeof requestBytes>[1]): Promise<RawConnection> => {
    const connection = await openRaw(workers.port);
    open.push(connection);
    connection.write(requestBytes(workers.port, request));
    return connection;
  };
  const hanging = async (session: LegacySession, id: string) => {
    const params = { name: 'back_hang', arguments: {}, _meta: { progressToken: id } };
    const client = await send(session.request('tools/call', params, id));
    return { client, call: await stage.backend.nextCall('hang') };
  };
  /** Process id of the worker that has a call under way. */
  const busy = async (): Promise<number> => {
    const each = (await workers.health()).workers?.each ?? [];
    return each.find(({ calls }) => calls === 1)?.pid ?? assert.fail(JSON.stringify(each));
  };
  const whole = (replaced: number): Promise<void> =>
    eventually(60_000, 'all workers ready', async () => {
      const { workers: now } = await workers.health();
      return now?.ready === 2 && now.replaced === replaced;
    });

  describe('the official client over Streamable HTTP', () => {
    transportStory({
      stage: () => stage,
      transport: () => leavingTransport(workers.url, anew),
      counts: () => counts(workers.adminUrl),
    });
  });

  describe('the official client over HTTP+SSE', () => {
    transportStory({
      stage: () => stage,
      transport: () => new SSEClientTransport(new URL('/sse', workers.url), { fetch: anew }),
      counts: () => counts(workers.adminUrl),
    });
  });

  it('share the sessions: whichever is asked', async () => {
    const sessions = await Promise.all(Array.from({ length: 6 }, () => openLegacySession(workers.port)));
    for (const session of sessions)
      for (const n of [1, 2, 3])
        assert.equal(
          responseOf(
            await ask(workers.port, session.request('tools/call', { name: 'back_echo', arguments: { n } })),
          ).result?.content?.[0]?.text,
          JSON.stringify({ n }),
        );
    const ports = (await workers.health()).workers?.each ?? [];
    assert.equal(ports.length, 2);
    assert.equal((await workers.health()).sessions, 6);
    const [first, ...rest] = sessions;
    assert.equal((await first?.end())?.status, 204);
    for (const _ of [1, 2, 3]) assert.equal((await ask(workers.port, first!.request('ping'))).status, 404);
    await Promise.all(rest.map((session) => session.end()));
  });

  it('count together: a limit is exact, whoever is asked', async () => {
    const request = () => modernRequest('tools/call', { name: 'back_large', arguments: { bytes: 1 } });
    const tries = Array.from({ length: 80 }, () => request());
    const statuses = (await inGroups(tries, (each) => ask(workers.port, each))).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 200).length, 40);
    assert.equal(statuses.filter((status) => status === 429).length, 40);
    assert.match(
      await workers.metrics(),
      /mcp_gateway_rate_limited_total\{[^}]*limit="limits\.back_large"[^}]*\} 40/,
    );
  });

  it('share what seals: a page of a list, and the id of a task, is good on all of them', async () => {
    await workers.configure(`page_size: 1\nservers:\n${stage.servers}`);
    const list = (params = {}) => ask(workers.port, modernRequest('tools/list', params));
    await eventually(20_000, 'pages on all', async () => {
      const answers = await Promise.all([list(), list(), list(), list()]);
      return answers.every((answer) => responseOf(answer).result?.['nextCursor'] !== undefined);
    });
    const { nextCursor } = responseOf(await list()).result ?? {};
    for (const _ of [1, 2, 3, 4])
      assert.equal(responseOf(await list({ cursor: nextCursor })).error, undefined);
  });

  it('follow the configuration together, and none a bad one', async () => {
    const names = async (): Promise<string> => {
      const answer = responseOf(await ask(workers.port, modernRequest('tools/list')));
      return (answer.result?.['tools'] as { name: string }[]).map(({ name }) => name.split('_')[0]).join();
    };
    const all = async (isRight: (names: string) => boolean): Promise<boolean> =>
      (await Promise.all([names(), names(), names(), names()])).every(isRight);
    await workers.configure(`servers:\n  renamed: { url: "${stage.backend.url}" }`);
    await eventually(20_000, 'the new server on all', () => all((found) => /^(renamed,?)+$/.test(found)));
    await workers.configure('servers: 7');
    await workers.logged('config_rejected');
    assert.equal(workers.count('config_rejected'), 1);
    assert.ok(await all((found) => found.startsWith('renamed')));
    await workers.configure(`servers:\n${stage.servers}`);
    await eventually(20_000, 'the first servers on all', () => all((found) => found.includes('every')));
  });

  it('count together, also what those had counted that are gone', async () => {
    const counted = async (): Promise<number> => {
      const lines = (await workers.metrics()).split('\n');
      const found = lines.find((line) => /^mcp_gateway_requests_total.*"back".*success/.test(line));
      return Number(found?.split(' ').at(-1) ?? 0);
    };
    const before = await counted();
    for (let n = 0; n < 10; n++) await modernCall(workers.port, 'back_echo', { n });
    assert.equal(await counted(), before + 10);
    const { replaced = 0 } = (await workers.health()).workers ?? {};
    process.kill((await workers.pids())[0] ?? 0, 'SIGKILL');
    await whole(replaced + 1);
    assert.ok((await counted()) >= before + 10);
    const metrics = await workers.metrics();
    assert.match(metrics, /^mcp_gateway_workers\{state="ready"\} 2$/m);
    assert.match(metrics, /^mcp_gateway_sessions 0$/m);
  });

  it('lose one in the middle of a call: the call says so, the session goes on, a new one comes', async () => {
    const session = await openLegacySession(workers.port);
    const { replaced = 0 } = (await workers.health()).workers ?? {};
    const { client, call } = await hanging(session, 'seven');
    call.notify('notifications/progress', { progressToken: call.meta['progressToken'], progress: 1 });
    const seen = sseEvents(await client.seen('"progress":1'));
    const started = stage.backend.calls;
    const victim = await busy();
    process.kill(victim, 'SIGKILL');
    await client.closed(10_000);
    const headers = { ...session.headers, accept: 'text/event-stream', 'last-event-id': seen[0]?.id ?? '' };
    const { status, body } = await (await send({ method: 'GET', headers })).answer(20_000);
    assert.equal(status, 200, body);
    const messages = sseEvents(body).map(({ message }) => message);
    assert.equal(messages[0]?.params?.['progress'], 1);
    assert.equal(messages.at(-1)?.id, 'seven');
    assert.match(messages.at(-1)?.error?.message ?? '', /has ended: whether the call was done is not known/);
    for (const n of [1, 2, 3, 4])
      assert.deepEqual((await session.call('back_echo', { n })).result?.content?.[0]?.text, `{"n":${n}}`);
    await whole(replaced + 1);
    assert.ok(!(await workers.pids()).includes(victim));
    assert.equal(stage.backend.calls, started + 4, 'a call was made twice');
    await session.end();
  });

  it('let one leave that is told to: its calls finish, and another takes its place', async () => {
    const session = await openLegacySession(workers.port);
    const { replaced = 0 } = (await workers.health()).workers ?? {};
    const { client, call } = await hanging(session, 'eight');
    process.kill(await busy(), 'SIGTERM');
    await eventually(10_000, 'its leaving', async () =>
      ((await workers.health()).workers?.each ?? []).some(({ status }) => status === 'leaving'),
    );
    assert.equal((await ask(workers.port, session.request('ping'))).status, 200);
    call.reply(text('done'));
    assert.match((await client.answer()).body, /done/);
    await whole(replaced + 1);
    assert.equal((await ask(workers.port, session.request('ping'))).status, 200);
    await session.end();
  });
});

describe('Workers whose first process goes', function () {
  this.timeout(90_000);
  let stage: Stage;
  let workers: Workers;
  beforeEach(async () => {
    stage = await startStage();
    workers = await startWorkers(`drain_timeout: 30s\nservers:\n${stage.servers}`, 2);
  });
  afterEach(async () => {
    await workers.close();
    await stage.close();
  });
  const isAlive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false; // ESRCH
    }
  };
  const noneLeft = async (pids: readonly number[]): Promise<void> =>
    eventually(10_000, 'no worker left', () => !pids.some(isAlive));

  it('finish what they are at when a terminal interrupts them all, once', async () => {
    const session = await openLegacySession(workers.port);
    const answer = ask(workers.port, session.request('tools/call', { name: 'back_hang' }), 30_000);
    const call = await stage.backend.nextCall('hang');
    workers.signal('SIGINT', 'all');
    await workers.logged('stopping');
    call.reply(text('done'));
    assert.match((await answer).body, /done/);
    assert.deepEqual(await within(20_000, 'the end', workers.ended), [0, null]);
    assert.equal(workers.count('stopping'), 1);
  });

  it('end with it when it is killed', async () => {
    const pids = await workers.pids();
    workers.signal('SIGKILL');
    await workers.ended;
    await noneLeft(pids);
  });

  it('end at once with the second signal', async () => {
    const pids = await workers.pids();
    const session = await openLegacySession(workers.port);
    const hang = ask(workers.port, session.request('tools/call', { name: 'back_hang' }), 30_000);
    await stage.backend.nextCall('hang');
    const cut = assert.rejects(hang);
    workers.signal('SIGTERM');
    await workers.logged('stopping');
    await eventually(10_000, 'that a signal ends it', async () => {
      workers.signal('SIGTERM');
      return !isAlive(workers.pid);
    });
    assert.deepEqual(await workers.ended, [130, null]);
    await cut;
    await noneLeft(pids);
  });
});
