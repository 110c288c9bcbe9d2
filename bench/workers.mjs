/**
 * One process and two workers: what a call costs where it arrives, and what it costs to be relayed.
 *
 * `CPU µs/call` is what the kernel charged all processes of the gateway, so it does not depend on how many cores there were, nor on what
 * the load generator took of them. `relayed` opens each session on one worker and makes its calls on the other (see workloads.mjs): its
 * distance to `legacy` is the price of a hop. Throughput is shown on one core, which all processes of the gateway share, and on two, where
 * they compete with backend and load generator for the second one: on a machine with two cores it shows that the work is shared, not how
 * far that scales.
 *
 * `sealed` is the alternative in its least form: opening a sealed session of the size of ours, as each request would have to.
 */
import { randomBytes } from 'node:crypto';
import { sealer } from '../dist/protocol/sealer.js';
import { cpuTimeOfAll } from './cpuTime.mjs';
import { markdownTable } from './markdownTable.mjs';
import { median } from './median.mjs';
import { startBackend, startLoad, startSluice, stopAll } from './targets.mjs';

const measure = async (load, { workload, port, pid }, ms) => {
  const before = cpuTimeOfAll(pid);
  const startedAt = performance.now();
  const { requests, rps, p50_ms } = await load.run({
    port,
    workload,
    tool: 'bench_echo',
    concurrency: 32,
    ms,
  });
  const used = cpuTimeOfAll(pid) - before;
  return {
    rps,
    p50_ms,
    cpu_us: (used / requests) * 1e6,
    cores: used / ((performance.now() - startedAt) / 1000),
  };
};

/** Time to open one sealed session, in microseconds. */
const opening = () => {
  const { open, seal } = sealer([randomBytes(32)], 'bench');
  const text = seal({
    id: randomBytes(32).toString('base64url'),
    principalId: 'anonymous',
    version: '2025-11-25',
    clientInfo: { name: 'bench', title: 'A client', version: '1.0.0' },
    capabilities: { roots: { listChanged: true }, sampling: {}, elicitation: {} },
    logLevel: 'info',
    createdAt: Date.now(),
  });
  const count = 50_000;
  for (let n = 0; n < count; n++) open(text);
  const startedAt = performance.now();
  for (let n = 0; n < count; n++) open(text);
  return { us: ((performance.now() - startedAt) / count) * 1000, bytes: text.length };
};

/** @returns figures of each kind of call for one process and for two workers, medians of the rounds */
export const measureWorkers = async (plan) => {
  const cells = [];
  for (const core of ['target', 'all'])
    for (const workers of [1, 2]) {
      const { port: backendPort } = await startBackend();
      const sluice = await startSluice(backendPort, [], { workers, core });
      const load = startLoad();
      for (const workload of ['modern', 'legacy', ...(workers === 2 ? ['relayed'] : [])]) {
        const cell = { ...sluice, workload };
        await measure(load, cell, plan.warmUpMs);
        const rounds = [];
        for (let round = 0; round < plan.rounds; round++) rounds.push(await measure(load, cell, plan.ms));
        const of = (figure) => median(rounds.map((each) => each[figure]));
        cells.push({
          workload,
          workers,
          cores: core === 'all' ? 2 : 1,
          rps: of('rps'),
          p50_ms: of('p50_ms'),
          cpu_us: of('cpu_us'),
          used: of('cores'),
        });
      }
      await stopAll();
    }
  return { cells, sealed: opening() };
};

/** The figures as a table in Markdown. */
export const workersTable = ({ cells, sealed }) => {
  const rows = cells.map(({ workload, workers, cores, rps, p50_ms, cpu_us, used }) => [
    workload,
    String(workers),
    String(cores),
    rps.toFixed(0),
    p50_ms.toFixed(2),
    cpu_us.toFixed(0),
    used.toFixed(2),
  ]);
  const titles = ['calls', 'workers', 'cores', 'req/s', 'p50 ms', 'CPU µs/call', 'cores used'];
  const words = `Opening a sealed session of ${sealed.bytes} bytes: ${sealed.us.toFixed(1)} µs.`;
  return `${markdownTable([titles, ...rows], (n) => n === 0)}\n\n${words}`;
};
