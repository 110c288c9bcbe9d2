import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Agent } from 'undici';
import { eventually } from '../../support/eventually.js';
import { inGroups } from '../../support/inGroups.js';
import { freePorts } from '../../support/services/freePorts.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { serviceProcess, type ServiceProcess } from '../../support/services/serviceProcess.js';
import { startHaproxy, type Haproxy } from '../../support/services/startHaproxy.js';
import { startHazelcast, type Hazelcast } from '../../support/services/startHazelcast.js';
import { startCountingServer, type CountingServer } from './countingServer.js';
import { ResumingClient, type CallStory } from './resumingClient.js';

const main = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const sessions = 200;
/** Each call brings so many numbered events, one every so often. */
const count = { to: 16, everyMs: 250 };
/** How long a client thinks between two lists, in milliseconds: the pace of the load. */
const thinkMs = 2000;

/** One of two gateways that are restarted. */
interface Instance {
  start(): Promise<void>;
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  log(): Promise<string>;
}

/** What the clients have seen. */
interface Seen {
  readonly calls: CallStory[];
  readonly lists: CallStory[];
}

describe('Two gateways behind HAProxy that sends each request to the next, on two Hazelcast members', function () {
  this.timeout(120_000);
  let cluster: Hazelcast;
  let server: CountingServer;
  let front: Haproxy;
  let folder: string;
  let instances: readonly [Instance, Instance];
  let agent: Agent;
  const clients: ResumingClient[] = [];

  before(async function () {
    this.timeout(400_000);
    folder = await mkdtemp(join(tmpdir(), 'sluice-rolling-'));
    cluster = await serviceFor(this, () => startHazelcast({ members: 2, clusterName: 'sluice-rolling' }));
    server = await startCountingServer();
    const [a = 0, aAdmin = 0, b = 0, bAdmin = 0] = await freePorts(4);
    front = await serviceFor(this, () =>
      startHaproxy([
        { port: a, adminPort: aAdmin },
        { port: b, adminPort: bAdmin },
      ]),
    );
    instances = [instance('a', a, aAdmin), instance('b', b, bAdmin)];
    await Promise.all(instances.map((each) => each.start()));
    await front.standing(2);
  });
  beforeEach(async () => {
    agent = new Agent({ bodyTimeout: 0 });
    const opened = await inGroups(Array.from({ length: sessions }), () =>
      ResumingClient.open(`${front.url}/mcp`, agent),
    );
    clients.push(...opened);
  });
  afterEach(async function () {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await agent.close();
    if (this.currentTest?.state !== 'failed') return;
    // What the instances said besides of calls.
    for (const each of instances)
      console.error(
        (await each.log())
          .split('\n')
          .filter((line) => !line.includes('"msg":"call"'))
          .slice(-20)
          .join('\n'),
      );
  });
  after(async () => {
    await front.close();
    await Promise.all(instances.map((each) => each.end('SIGKILL')));
    await server.close();
    await cluster.close();
    await rm(folder, { recursive: true, force: true });
  });

  const instance = (name: string, port: number, adminPort: number): Instance => {
    let running: ServiceProcess | undefined;
    const logFile = join(folder, `${name}.log`);
    const { clusterName, addresses } = cluster;
    return {
      async start() {
        const config = join(folder, `${name}.yaml`);
        await writeFile(
          config,
          [
            `listen: { port: ${port} }`,
            `admin: { port: ${adminPort} }`,
            'log: { format: json }',
            'drain_delay: 2s',
            'drain_timeout: 10s',
            `sessions: { store: hazelcast, hazelcast: { cluster_name: ${clusterName}, addresses: [${addresses.map((one) => `"${one}"`).join()}] } }`,
            `servers: { back: { url: "${server.url}" } }`,
          ].join('\n'),
        );
        running = await serviceProcess({
          name: `gateway ${name}`,
          program: process.execPath,
          args: [main, 'start', '-c', config],
          logFile,
          isReady: () =>
            fetch(`http://127.0.0.1:${adminPort}/readyz`).then(
              ({ ok }) => ok,
              () => false, // Not listening yet.
            ),
          readyMs: 20_000,
        });
      },
      end: async (signal) => running?.signal(signal),
      log: () => readFile(logFile, 'utf8'),
    };
  };

  /** Each client calls without a pause, lists now and then, and lists when it hears of a change, for as long as something happens. */
  const load = async (happens: (versions: readonly string[]) => Promise<void>): Promise<Seen> => {
    const seen: Seen = { calls: [], lists: [] };
    const over = new AbortController();
    const until = over.signal;
    const versions = clients.map(() => '');
    const loops = clients.flatMap((client, index) => {
      client.onChange = () =>
        void client.tools().then(
          (tools) => (versions[index] = tools.find((name) => name.includes('version')) ?? ''),
          (error: unknown) => client.troubles.push(`after a change: ${String(error)}`),
        );
      return [
        (async () => {
          while (!until.aborted)
            seen.calls.push(await client.request('tools/call', { name: 'back_count', arguments: count }));
        })(),
        (async () => {
          await delay(Math.random() * thinkMs, undefined, { signal: until }).catch(() => undefined);
          while (!until.aborted) {
            seen.lists.push(await client.request('tools/list', {}));
            await delay(thinkMs, undefined, { signal: until }).catch(() => undefined);
          }
        })(),
      ];
    });
    await happens(versions);
    over.abort();
    await Promise.all(loops);
    return seen;
  };
  /** All clients have heard that the server has changed. */
  const heard = async (versions: readonly string[]): Promise<void> => {
    const last = `back_version_${server.change()}`;
    await eventually(10_000, `all knowing ${last}`, () => versions.every((version) => version === last));
  };
  const all = Array.from({ length: count.to }, (_, n) => n + 1);
  const isWhole = ({ progress }: CallStory): boolean => String(progress) === String(all);
  const twice = (ids: readonly string[]): number => ids.length - new Set(ids).size;
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const failures = (stories: readonly CallStory[]): string[] =>
    stories.flatMap(({ failure }) => failure?.replace(/\s+/g, ' ') ?? []);
  /** How often each was said. */
  const tallied = (texts: readonly string[]): Record<string, number> => {
    const tally: Record<string, number> = {};
    for (const text of texts) tally[text] = (tally[text] ?? 0) + 1;
    return tally;
  };
  const assertOnce = ({ calls }: Seen): void => {
    for (const { eventIds } of calls) assert.equal(twice(eventIds), 0, 'events of a call that came twice');
    for (const { heard: told } of clients) assert.equal(twice(told.ids), 0, 'events that came twice');
  };
  /** No session has been lost: each is served, wherever it is asked for. */
  const assertLive = async (): Promise<void> => {
    const stories = await inGroups([...clients, ...clients], (client) => client.request('tools/list', {}));
    assert.deepEqual(tallied(failures(stories)), {});
  };
  const report = (what: string, { calls, lists }: Seen): void => {
    const postponed = sum(clients.map((client) => client.postponed));
    const returned = sum(clients.map((client) => client.returned));
    const resumed = sum(calls.map((call) => call.resumed));
    const events = sum(calls.map(({ progress }) => progress.length));
    console.log(
      `      ${what}: ${clients.length} sessions, ${calls.length} calls with ${events} events, ${lists.length} lists; ` +
        `${failures(calls).length} calls and ${failures(lists).length} lists failed, ${postponed} postponed; ` +
        `standalone streams come back for ${returned} times, streams of calls ${resumed} times`,
    );
  };

  it('a rolling restart loses no session, no call, and no event, and doubles none', async () => {
    const before = server.counts;
    const seen = await load(async (versions) => {
      for (const each of instances) {
        server.change();
        await each.end('SIGTERM');
        server.change();
        await each.start();
        await front.standing(2);
      }
      await heard(versions);
    });
    report('rolling restart', seen);
    assert.deepEqual(tallied(failures(seen.calls)), {});
    assert.deepEqual(tallied(failures(seen.lists)), {});
    assert.deepEqual(tallied(clients.flatMap(({ troubles }) => troubles)), {});
    for (const call of seen.calls) assert.ok(isWhole(call), `events of a call: ${String(call.progress)}`);
    assert.equal(server.counts - before, seen.calls.length, 'calls that were done');
    assertOnce(seen);
    await assertLive();
  });

  it('a killed instance loses no session, and of its calls only those that were under way', async () => {
    let killedAt = 0;
    const seen = await load(async (versions) => {
      await eventually(10_000, 'all calls being under way', () => server.counts >= sessions);
      await instances[0].end('SIGKILL');
      // What began until it was gone was under way.
      killedAt = performance.now();
      server.change();
      await front.standing(1);
      await instances[0].start();
      await front.standing(2);
      await heard(versions);
    });
    report('killed', seen);
    const later = (stories: readonly CallStory[]): CallStory[] =>
      // HAProxy needs two checks to notice; until then it sends requests to where nobody listens, and then to the other.
      stories.filter(({ began }) => began > killedAt);
    assert.deepEqual(tallied(failures(later(seen.calls))), {});
    assert.deepEqual(tallied(failures(later(seen.lists))), {});
    assert.deepEqual(tallied(clients.flatMap(({ troubles }) => troubles)), {});
    for (const call of seen.calls) {
      const { progress, failure } = call;
      if (failure === undefined) assert.ok(isWhole(call), `events of a call: ${String(progress)}`);
      else assert.deepEqual(progress, all.slice(0, progress.length), 'what came of a call that was lost');
    }
    assertOnce(seen);
    await assertLive();
  });
});
