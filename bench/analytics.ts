/**
 * How long reports over many calls take, and what keeping a call costs the gateway.
 *
 *     npm run bench:analytics [-- --short]        10,000,000 calls of 30 days; 200,000 with --short
 *
 * Why the figures mean something:
 * - Reports are asked the way the admin API asks them: through the process that keeps the calls, checked, restricted, answered in rows.
 * - Days are in the Parquet files that the gateway writes (DuckDB writes these too, from rows made by SQL): 500 users, 200 tools, a tenth of
 *   which get most calls, 10 tenants, durations spread like those of services, 4 % errors. The operating system has the files in memory.
 * - A figure is the middle one of five, after one that is not counted.
 * - Keeping a call: the gateway's own thread, for taking a record and writing batches of a thousand as text.
 *
 * What they do not mean: whatever else runs on the machine takes part; a folder that was not read for long has to be read from the disk first.
 */
import { DuckDBInstance } from '@duckdb/node-api';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { callColumns } from '../src/sinks/analytics/callColumns.js';
import { openAnalytics } from '../src/sinks/analytics/openAnalytics.js';
import { reports } from '../src/sinks/analytics/reports.js';
import { recordsText } from '../src/sinks/analytics/recordsText.js';
import { silent } from '../src/streams/log.js';
import { recordOf } from '../test/sinks/analytics/recordOf.js';

const { values: flags } = parseArgs({ options: { short: { type: 'boolean', default: false } } });
const calls = flags.short ? 200_000 : 10_000_000;
const days = 30;
const runs = 5;
const MiB = 1024 * 1024;
const dayMs = 24 * 3_600_000;
/** The end of the days that are made: today has none, so that all of them are in files. */
const today = Math.floor(Date.now() / dayMs) * dayMs;

/** What is not here is null. */
const made: Readonly<Record<string, string>> = {
  time: 'moment',
  hour: "date_trunc('hour', moment)",
  id: "'call-' || i",
  trace_id: 'md5(i::VARCHAR)',
  user: "'user-' || hash(i) % 500",
  client: "'client-' || hash(i * 3) % 20",
  tenant: "'tenant-' || hash(i) % 10",
  principal: "'issuer user-' || hash(i) % 500",
  auth_method: "'jwt'",
  address: "'10.0.0.' || hash(i * 13) % 250",
  transport: "'http'",
  revision: "'2025-11-25'",
  session: 'left(md5((hash(i) % 5000)::VARCHAR), 22)',
  method: "'tools/call'",
  target: "'tool_' || floor(200 * r * r2)::INT",
  tool: "'tool_' || floor(200 * r * r2)::INT",
  server: "'server-' || floor(200 * r * r2)::INT % 20",
  instance: "'server-' || floor(200 * r * r2)::INT % 20",
  attempts: '1',
  outcome: "CASE hash(i * 11) % 50 WHEN 0 THEN 'timeout' WHEN 1 THEN 'tool_error' ELSE 'success' END",
  failed: 'hash(i * 11) % 50 < 2',
  error: "CASE hash(i * 11) % 50 WHEN 0 THEN 'ERR_UPSTREAM_TIMEOUT' END",
  bytes_in: '(r * 1000)::INT',
  bytes_out: '(r2 * 5000)::INT',
  duration_ms: 'ms',
  duration_class: 'round(ln(ms / 0.01) / ln(1.05))',
};

const fill = async (folder: string): Promise<void> => {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const columns = callColumns
    .map(({ name, type }) => `(${made[name] ?? 'NULL'})::${type} AS "${name}"`)
    .join(', ');
  for (let day = 0; day < days; day++) {
    const start = new Date(today - (days - day) * dayMs).toISOString();
    const each = Math.floor(calls / days);
    await connection.run(`COPY (
      SELECT ${columns} FROM (
        SELECT *, exp(3 + r * 2 + r * r2 * 3) AS ms FROM (
          SELECT i + ${day * each} AS i, random() AS r, random() AS r2, '${start}'::TIMESTAMP + to_milliseconds(i * ${dayMs / each}) AS moment FROM range(${each}) t(i)))
      ORDER BY time) TO '${join(folder, `calls-${start.slice(0, 10)}.parquet`)}' (FORMAT parquet, COMPRESSION zstd)`);
  }
  connection.closeSync();
  instance.closeSync();
};

/** Milliseconds, the middle of some. */
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  await work();
  const all: number[] = [];
  for (let run = 0; run < runs; run++) {
    const before = performance.now();
    await work();
    all.push(performance.now() - before);
  }
  return all.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? NaN;
};

const measureReports = async (folder: string): Promise<void> => {
  const analytics = openAnalytics({
    settings: {
      path: folder,
      retentionDays: 365,
      maxBytes: 1024 ** 4,
      query: { timeoutMs: 60_000, maxRows: 10_000, memoryBytes: 512 * MiB, threads: 2 },
    },
    log: silent,
  });
  await analytics.opened;
  const to = new Date(today).toISOString();
  const from = (count: number): string => new Date(today - count * dayMs).toISOString();
  const rows: string[][] = [];
  for (const { name, needs } of reports) {
    const ask = (count: number, tenant?: string) => () =>
      analytics.ask(
        {
          report: name,
          parameters: { from: from(count), to, limit: 100, ...(needs === 'tool' && { tool: 'tool_7' }) },
        },
        { tenant },
      );
    const figures = [
      await timed(ask(1)),
      await timed(ask(7)),
      await timed(ask(days)),
      await timed(ask(days, 'tenant-3')),
    ];
    rows.push([name, ...figures.map((ms) => `${Math.round(ms)} ms`)]);
  }
  await analytics.close();
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, index) => (index === 0 ? cell.padEnd(10) : cell.padStart(19))).join(' | ')} |`;
  console.log(line(['report', 'a day', '7 days', `${days} days`, `${days} days, a tenant`]));
  for (const row of rows) console.log(line(row));
};

const measureKeeping = (): void => {
  const batch = Array.from({ length: 1000 }, () => recordOf());
  for (let run = 0; run < 50; run++) recordsText(batch);
  const before = process.cpuUsage();
  for (let run = 0; run < 100; run++) recordsText(batch);
  const each = process.cpuUsage(before).user / 100 / 1000;
  console.log(
    `\nKeeping calls: ${each.toFixed(1)} µs of processor a call on the gateway's thread, a batch of 1000 at a time`,
  );
};

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
try {
  const [cpu] = cpus();
  console.log(
    `${cpus().length} × ${cpu?.model ?? '?'}, Node ${process.version}; ${calls} calls of ${days} days\n`,
  );
  await fill(folder);
  await measureReports(folder);
  measureKeeping();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
