/**
 * Side by side: the backend alone (`direct`), behind the least proxy that Node can be (`bare-node`), and behind Sluice.
 *
 *     npm run bench [-- --short] [-- --json FILE] [-- --rounds N] [-- --only WORKLOAD] [-- --clients 1,8] [-- --streams N]
 *
 * Why the figures mean something:
 * - One process per role, so that no role's garbage or event loop is on another's bill. The one under test has core 0 for itself;
 *   backend and load generator share core 1 (with `taskset`; the output says so when it is missing). `core busy` shows that the
 *   target, not the load, was the limit, and `CPU µs/req` is what the kernel charged the target's process.
 * - The same backend process, the same load generator and the same bytes for every target; only port and tool name differ.
 * - Rounds are interleaved (direct, bare, sluice, direct, …): a machine that gets slower does so for everybody. Of every figure the
 *   median of the rounds is shown, and the distance between the fastest and the slowest round as `± rounds`.
 * - Every target is warmed up, per workload, before anything counts.
 * - Every answer is checked for its id and its content: a fast wrong answer ends the run.
 * - Little's law is checked in each cell: concurrency = throughput × mean latency, or the clock is wrong.
 * - The bare proxy does what every gateway that parses JSON-RPC must do and nothing else; the ratio to it says what Sluice's
 *   features cost, and carries over to other machines far better than a number of requests per second.
 * - `--only streams` leaves the calls out and measures what an idle stream costs; see streams.mjs. `--only catalogue` measures what a
 *   change of one server among many costs; see catalogue.mjs.
 *
 * - `--only workers` compares one process with several; see workers.mjs. `--only protection` what authentication, policies, limits and
 *   the audit trail cost together and each; see protection.mjs. `--only observability` the same of traces, metrics, audit and analytics;
 *   see observability.mjs.
 *
 * What they do not mean: closed loops measure capacity and the latency at a fixed number of clients, not latency under an
 * open arrival rate; loopback has no network; two cores share a cache.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { tsImport } from 'tsx/esm/api';
import { catalogueTable, measureCatalogue } from './catalogue.mjs';
import { cpuTime } from './cpuTime.mjs';
import { comparedTable } from './compared.mjs';
import { measureObservability } from './observability.mjs';
import { measureProtection } from './protection.mjs';
import { circumstances, doubts, medians, ratios, table } from './report.mjs';
import { measureStreams, streamTable } from './streams.mjs';
import { measureWorkers, workersTable } from './workers.mjs';
import { warmUp } from './warmUp.mjs';
import { canPin, startBackend, startBareProxy, startLoad, startSluice, stopAll } from './targets.mjs';

const { values: flags } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'string' },
    rounds: { type: 'string' },
    only: { type: 'string' },
    clients: { type: 'string' },
    streams: { type: 'string' },
    /** Leave Sluice out: to try the harness alone. */
    'without-sluice': { type: 'boolean', default: false },
  },
});

const plan = flags.short
  ? {
      rounds: 2,
      ms: 700,
      warmUpMs: 700,
      warmUpCalls: 0,
      clients: [8],
      headline: 8,
      streams: 100,
      servers: 100,
    }
  : {
      rounds: 5,
      ms: 2000,
      warmUpMs: 3000,
      warmUpCalls: 25_000,
      clients: [1, 8, 32, 64],
      headline: 32,
      streams: 1000,
      servers: 1000,
    };
if (flags.rounds !== undefined) plan.rounds = Number(flags.rounds);
if (flags.streams !== undefined) plan.streams = Number(flags.streams);
if (flags.clients !== undefined) {
  plan.clients = flags.clients.split(',').map(Number);
  plan.headline = plan.clients.at(-1);
}

/** Starts everything and gives the cells of one round in their order, and the load generator. */
const start = async (backend) => {
  const bare = await startBareProxy(backend.port);
  const sluice = flags['without-sluice'] ? undefined : await startSluice(backend.port);
  const trio = (workload) => [
    { target: 'direct', ...backend, workload, tool: 'echo' },
    { target: 'bare-node', ...bare, workload, tool: 'echo' },
    { target: 'sluice', ...sluice, workload, tool: 'bench_echo' },
  ];
  // `rest` has no bare counterpart: a proxy does not translate. `direct` is the REST resource itself.
  const matrix = {
    'full-chain': trio('full-chain'),
    legacy: trio('legacy'),
    rest: [
      { target: 'direct', ...backend, workload: 'plain-rest' },
      { target: 'sluice', ...sluice, workload: 'rest', tool: 'items_get' },
    ],
  };
  const cells = Object.entries(matrix)
    .filter(([name]) => wanted(name))
    .flatMap(([name, entries]) => entries.map((entry) => ({ name, ...entry })))
    .filter(({ target }) => target !== 'sluice' || sluice !== undefined);
  return { cells, load: startLoad() };
};

const measure = async (load, { name, target, pid, port, workload, tool }, concurrency, ms) => {
  const before = cpuTime(pid);
  const startedAt = performance.now();
  const figures = await load.run({ port, workload, tool, concurrency, ms });
  const seconds = (performance.now() - startedAt) / 1000;
  const used = before === undefined ? undefined : cpuTime(pid) - before;
  return {
    name,
    target,
    concurrency,
    ...figures,
    cpu_us: used && (used / figures.requests) * 1e6,
    busy: used && used / seconds,
  };
};

const runAll = async ({ cells, load }) => {
  for (const cell of cells) await warmUp(async (ms) => (await measure(load, cell, 8, ms)).requests, plan);
  const measured = [];
  for (let round = 1; round <= plan.rounds; round++) {
    if (process.stderr.isTTY) process.stderr.write(`\rround ${round} of ${plan.rounds} `);
    for (const concurrency of plan.clients)
      for (const cell of cells) measured.push(await measure(load, cell, concurrency, plan.ms));
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  return measured;
};

const measureCalls = async (backend) => {
  const rows = medians(await runAll(await start(backend)));
  await stopAll();
  return rows;
};

const wanted = (name) => flags.only === undefined || flags.only === name;

const run = async () => {
  if (flags.only === 'workers')
    return { rows: [], streams: [], catalogue: [], workers: await measureWorkers(plan) };
  if (flags.only === 'protection') {
    const { opaProgram } = await tsImport('../test/support/services/opaProgram.ts', import.meta.url);
    return {
      rows: [],
      streams: [],
      catalogue: [],
      protection: await measureProtection(plan, await opaProgram()),
    };
  }
  if (flags.only === 'observability')
    return { rows: [], streams: [], catalogue: [], observability: await measureObservability(plan) };
  const apart = ['streams', 'catalogue'].includes(flags.only);
  const rows = apart ? [] : await measureCalls(await startBackend());
  const catalogue = wanted('catalogue') ? measureCatalogue(plan) : [];
  if (!wanted('streams')) return { rows, streams: [], catalogue };
  const { port } = await startBackend();
  const withSluice = !flags['without-sluice'];
  return { rows, streams: await measureStreams(port, { count: plan.streams, withSluice }), catalogue };
};

const report = ({ rows, streams, catalogue, workers, protection, observability }) => {
  const byName = ratios(rows, plan.headline);
  const about = circumstances(canPin);
  console.log(
    `${about.date}, ${about.commit ?? 'no commit'}, Node ${about.node}, undici ${about.undici}, rxjs ${about.rxjs}, ` +
      `${about.cpu}, ${about.platform}; ${plan.rounds} rounds of ${plan.ms / 1000} s`,
  );
  console.log(
    canPin
      ? 'Target on core 0; backend and load on core 1.\n'
      : 'NOT PINNED: taskset is missing or refused; processes compete for cores.\n',
  );
  if (rows.length > 0) console.log(table(rows, byName));
  for (const [name, ratio] of Object.entries(byName))
    if (!name.includes('@')) console.log(`\n${name} at ${plan.headline} clients: ${ratio}`);
  if (streams.length > 0) console.log(`\n${streamTable(streams)}`);
  if (catalogue.length > 0) console.log(`\n${catalogueTable(catalogue, plan)}`);
  if (workers !== undefined) console.log(`\n${workersTable(workers)}`);
  if (protection !== undefined) console.log(`\n${comparedTable('protection', protection)}`);
  if (observability !== undefined) console.log(`\n${comparedTable('what is told', observability)}`);
  const warnings = doubts(rows);
  if (warnings.length > 0) console.log(`\nTo be taken with care:\n- ${warnings.join('\n- ')}`);
  if (flags.json !== undefined) {
    const results = rows.filter((row) => row.concurrency === plan.headline);
    const content = {
      results,
      ratios: byName,
      cells: rows,
      streams,
      catalogue,
      workers,
      protection,
      observability,
      headline: plan.headline,
      about,
      warnings,
    };
    writeFileSync(flags.json, `${JSON.stringify(content, null, 2)}\n`);
  }
};

try {
  report(await run());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await stopAll();
}
