import assert from 'node:assert/strict';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { loadSettings } from '../../../src/config/load.js';
import { Secret } from '../../../src/config/secret.js';
import type { Settings } from '../../../src/config/settings.js';
import type { Health, ServerHealth } from '../../../src/gateway/health.js';
import { isReady } from '../../../src/gateway/health.js';
import { needRestart } from '../../../src/gateway/needRestart.js';
import { crewHealth } from '../../../src/gateway/workers/crewHealth.js';
import { CrewMetrics } from '../../../src/gateway/workers/crewMetrics.js';
import { heldSettings } from '../../../src/gateway/workers/heldSettings.js';
import { isOrder, isTold, type MetricJson } from '../../../src/gateway/workers/messages.js';
import { packed } from '../../../src/gateway/workers/packed.js';
import { Restarts } from '../../../src/gateway/workers/restarts.js';
import { shareOf } from '../../../src/gateway/workers/shareOf.js';
import { data, here } from '../../config/data/read.js';

const load = (yaml: string): Settings =>
  loadSettings(yaml, { file: 't.yaml', env: { ORDERS_TOKEN: 'tok' }, baseDir: here });

describe('gateway/workers: settings', () => {
  it('arrive in another process as they were, secrets too', () => {
    const settings = load(`${data('ours.yaml')}state: { keys: ['${'c0ffee'.repeat(12)}'] }\n`);
    const there = packed.unpack(structuredClone(packed.pack(settings)));
    assert.deepEqual(there, settings);
    assert.ok(there.state.keys.length > 0);
    for (const [index, key] of there.state.keys.entries()) {
      assert.ok(key instanceof Secret);
      assert.deepEqual(Buffer.from(key.reveal()), Buffer.from(settings.state.keys[index]!.reveal()));
    }
  });

  it('that need a restart stay as they were, whichever is changed', () => {
    const first = load('servers: {}');
    const next = load(
      [
        'listen: { port: 1, host: "127.0.0.2" }',
        'admin: { port: 2 }',
        'workers: 7',
        'http: { request_timeout: 1s, max_connections: 7, max_body: 1KiB }',
        'sessions: { ttl: 1s }',
        'tasks: { max: 1, max_running: 1, poll_interval: 1s, ttl: 7s }',
        'buffers: { bodies: 1MiB, events: 1MiB, session_events: 1KiB, away: 1KiB, backend_message: 1MiB }',
        'log: { level: debug }',
        'page_size: 7',
      ].join('\n'),
    );
    assert.ok(needRestart(first, next).length >= 8, needRestart(first, next).join());
    const held = heldSettings(first, next);
    assert.deepEqual(needRestart(first, held), []);
    assert.deepEqual(
      [held.pageSize, held.http.maxBodyBytes, held.tasks.ttlMs, held.buffers.bodiesBytes],
      [7, 1024, 7000, 1024 * 1024],
    );
  });

  it('part what is a bound for the whole, and never to nothing', () => {
    const share = shareOf(
      load(
        [
          'http: { max_connections: 10 }',
          'tasks: { max_running: 1 }',
          'sessions: { max: 10 }',
          'servers: { a: { url: http://h, concurrency: { max: 8, queue: 3 } }, b: { url: http://h } }',
        ].join('\n'),
      ),
      4,
    );
    assert.deepEqual([share.http.maxConnections, share.tasks.maxRunning, share.sessions.max], [3, 1, 10]);
    const [a, b] = share.servers.map(({ concurrency }) => concurrency);
    assert.deepEqual([a?.max, a?.queue, b], [2, 1, undefined]);
  });
});

describe('gateway/workers: Restarts', () => {
  it('are at once for one that was sound, and slower and slower for one that is not', () => {
    const restarts = new Restarts();
    assert.deepEqual(restarts.ended(1, 60_000), { delayMs: 0, isLoop: false });
    const delays = Array.from({ length: 12 }, () => restarts.ended(1, 50));
    assert.deepEqual(
      delays.slice(0, 4).map(({ delayMs, isLoop }) => [delayMs, isLoop]),
      [
        [100, false],
        [200, false],
        [400, true],
        [800, true],
      ],
    );
    assert.equal(delays.at(-1)?.delayMs, 30_000);
    assert.deepEqual(restarts.ended(2, 50), { delayMs: 100, isLoop: false }, 'each for itself');
    assert.equal(restarts.isLoop, true);
    restarts.lives(1, 5000);
    assert.equal(restarts.isLoop, true);
    restarts.lives(1, 10_000);
    assert.equal(restarts.isLoop, false);
  });
});

describe('gateway/workers: messages', () => {
  for (const [value, expected] of [
    [{ hello: '1' }, [false, true]],
    [{ stop: true }, [true, false]],
    [{ store: {} }, [true, true]],
    [{ records: true }, [true, true]],
    [{ type: 'prom-client:getMetricsReq' }, [false, false]],
    ['hello', [false, false]],
    [null, [false, false]],
    [undefined, [false, false]],
  ] as const)
    it(`${JSON.stringify(value)} is ${expected.join()}`, () =>
      assert.deepEqual([isOrder(value), isTold(value)], expected));
});

describe('gateway/workers: crewHealth', () => {
  const server = (name: string, status: ServerHealth['status']): ServerHealth => ({
    name,
    type: 'rest',
    status,
    tools: 1,
  });
  const report = (calls: number, sessions: number, ...servers: readonly ServerHealth[]): Health => ({
    status: 'ok',
    version: '1',
    uptime_s: 1,
    calls,
    streams: 1,
    sessions,
    servers,
  });
  const of = (reports: readonly Health[], more = {}) =>
    crewHealth({
      reports,
      workers: { wanted: 2, ready: reports.length, replaced: 0, crash_loop: false, each: [] },
      sessions: undefined,
      version: '1',
      isDraining: false,
      discovery: undefined,
      ...more,
    });

  it('adds up what is under way, and shows each server at its worst', () => {
    const all = of([
      report(1, 5, server('a', 'healthy'), server('b', 'stale')),
      report(2, 7, server('a', 'down'), server('b', 'healthy'), server('c', 'healthy')),
    ]);
    assert.deepEqual([all.calls, all.streams, all.sessions], [3, 2, 7]);
    assert.deepEqual(
      all.servers.map(({ name, status }) => [name, status]),
      [
        ['a', 'down'],
        ['b', 'stale'],
        ['c', 'healthy'],
      ],
    );
    assert.equal(isReady(all), true);
  });

  it('counts the sessions where they are kept', () =>
    assert.equal(of([report(0, 1), report(0, 2)], { sessions: 3 }).sessions, 3));

  it('is not ready while nobody serves, or while it drains', () => {
    assert.equal(isReady(of([])), false);
    assert.equal(isReady(of([report(0, 0)], { isDraining: true })), false);
  });
});

describe('gateway/workers: CrewMetrics', () => {
  /** What a worker says that has counted `n` calls. */
  const counted = async (n: number): Promise<readonly MetricJson[]> => {
    const registry = new Registry();
    const registers = [registry];
    const labelNames = ['server'];
    new Counter({ name: 'calls_total', help: 'h', labelNames, registers }).inc({ server: 'a' }, n);
    new Histogram({ name: 'seconds', help: 'h', buckets: [1, 2], registers }).observe(n);
    new Gauge({ name: 'open', help: 'h', registers }).set(n);
    new Gauge({ name: 'up', help: 'h', aggregator: 'min', registers }).set(n);
    return (await registry.getMetricsAsJSON()) as unknown as readonly MetricJson[];
  };
  const lines = async (registry: Registry): Promise<readonly string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  it('adds up, each gauge in its own way', async () => {
    const metrics = new CrewMetrics<string>();
    const found = await lines(
      metrics.sum(
        new Map([
          ['one', await counted(1)],
          ['two', await counted(2)],
        ]),
        [],
      ),
    );
    for (const line of [
      'calls_total{server="a"} 3',
      'seconds_bucket{le="1"} 1',
      'seconds_bucket{le="2"} 2',
      'seconds_count 2',
      'seconds_sum 3',
      'open 3',
      'up 1',
    ])
      assert.ok(found.includes(line), `${line} is not in\n${found.join('\n')}`);
  });

  it('keeps the counts of those that are gone, not their gauges; nobody twice', async () => {
    const metrics = new CrewMetrics<string>();
    metrics.sum(
      new Map([
        ['one', await counted(1)],
        ['two', await counted(2)],
        ['three', await counted(4)],
      ]),
      [],
    );
    metrics.part('one');
    metrics.part('two');
    metrics.part('nobody');
    for (let scrape = 0; scrape < 2; scrape++) {
      const found = await lines(metrics.sum(new Map([['three', await counted(4)]]), []));
      for (const line of ['calls_total{server="a"} 7', 'seconds_count 3', 'open 4'])
        assert.ok(found.includes(line), `${line} is not in\n${found.join('\n')}`);
    }
  });

  it('does not forget one that is silent for once', async () => {
    const metrics = new CrewMetrics<string>();
    metrics.sum(new Map([['one', await counted(1)]]), []);
    assert.ok((await lines(metrics.sum(new Map(), []))).includes('calls_total{server="a"} 1'));
  });
});
