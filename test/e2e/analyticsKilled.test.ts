import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAnalytics } from '../../src/sinks/analytics/openAnalytics.js';
import { silent } from '../../src/streams/log.js';
import { ask } from '../support/ask.js';
import { modernRequest } from '../support/modern.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { startWorkers } from '../support/startWorkers.js';

const MiB = 1024 * 1024;
/** What may be lost, in milliseconds. */
const lostMs = 1000;
/** Calls that are to be found after the end. */
const dueCalls = 300;

describe('analytics of gateways that are killed under load', function () {
  this.timeout(180_000);
  let folder: string;
  let backend: McpBackend;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-analytics-'));
    backend = await startMcpBackend();
  });
  afterEach(async () => {
    await backend.close();
    await rm(folder, { recursive: true, force: true });
  });

  let made = 0;
  const path = () => join(folder, 'calls');
  const start = (count: number) =>
    startWorkers(
      `log: { level: warn }\nservers: { search: { url: 'http://127.0.0.1:${backend.port}/mcp' } }\nanalytics: { path: "${path()}" }`,
      count,
    );

  /** Calls, eight at a time, until it is told to stop or the gateway is gone; gives when each trace was answered. */
  const load = async (
    port: number,
    isEnough: (answered: ReadonlyMap<string, number>) => boolean,
  ): Promise<ReadonlyMap<string, number>> => {
    const answered = new Map<string, number>();
    const client = async (): Promise<void> => {
      while (!isEnough(answered)) {
        const trace = (++made).toString(16).padStart(32, '0');
        const meta = { traceparent: `00-${trace}-00000000000000a1-01` };
        const call = modernRequest('tools/call', { name: 'search_echo', arguments: { text: 'x' } }, { meta });
        try {
          await ask(port, call);
        } catch {
          // The gateway has been killed.
          return;
        }
        answered.set(trace, performance.now());
      }
    };
    await Promise.all(Array.from({ length: 8 }, client));
    return answered;
  };
  /** What was answered so long ago that it can't be lost. */
  const dueAt = (now: number, answered: ReadonlyMap<string, number>): readonly string[] =>
    [...answered].filter(([, at]) => at < now - lostMs).map(([trace]) => trace);

  const stored = async (): Promise<ReadonlySet<unknown>> => {
    const analytics = openAnalytics({
      settings: {
        path: path(),
        retentionDays: 90,
        maxBytes: 1024 * MiB,
        query: { timeoutMs: 10_000, maxRows: 1_000_000, memoryBytes: 256 * MiB, threads: 2 },
      },
      log: silent,
    });
    try {
      await analytics.opened;
      const { rows } = await analytics.ask({ sql: 'SELECT trace_id FROM calls' });
      assert.equal(new Set(rows.map(([trace]) => trace)).size, rows.length, 'nothing is there twice');
      return new Set(rows.map(([trace]) => trace));
    } finally {
      await analytics.close();
    }
  };

  it('have all calls but those of the last second', async () => {
    const gateway = await start(2);
    let due: readonly string[] | undefined;
    await load(gateway.port, (answered) => {
      if (due !== undefined) return true;
      const now = dueAt(performance.now(), answered);
      if (now.length < dueCalls) return false;
      due = now;
      // The process that keeps the calls too, as when the machine goes down.
      gateway.signal('SIGKILL', 'all');
      return true;
    });
    await gateway.ended;
    const there = await stored();
    assert.deepEqual(
      due?.filter((trace) => !there.has(trace)),
      [],
    );
    // It starts again, and goes on.
    const next = await start(1);
    await load(next.port, (answered) => answered.size > 20).finally(() => next.close());
    assert.ok((await stored()).size >= there.size + 20);
    await gateway.close();
  });
});
