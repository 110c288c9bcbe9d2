/**
 * Gateways that differ in their configuration, and get the very same calls. One process each, all on core 0 and idle but the one that is
 * asked; rounds are interleaved, of every figure the median of the rounds is shown.
 */
import { cpuTime } from './cpuTime.mjs';
import { markdownTable } from './markdownTable.mjs';
import { startBackend, startLoad, startSluice, stopAll } from './targets.mjs';
import { warmUp } from './warmUp.mjs';

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

const measure = async (load, { port, pid }, headers, { headline: concurrency }, ms) => {
  const before = cpuTime(pid);
  const { requests, rps, p50_ms, p99_ms } = await load.run({
    port,
    workload: 'full-chain',
    tool: 'bench_echo',
    concurrency,
    ms,
    headers,
  });
  return { requests, rps, p50_ms, p99_ms, cpu_us: ((cpuTime(pid) - before) / requests) * 1e6 };
};

/**
 * @param configurations what each adds to a gateway with nothing but its backend, by name; the first is what the others are compared with
 * @param headers lines of every request
 * @returns figures of each configuration, medians of the rounds
 */
export const measureCompared = async (plan, configurations, headers = '') => {
  const { port: backendPort } = await startBackend();
  const cells = [];
  for (const [name, more] of Object.entries(configurations))
    cells.push({ name, ...(await startSluice(backendPort, [], { more })), rounds: [] });
  const load = startLoad();
  for (const cell of cells)
    await warmUp(async (ms) => (await measure(load, cell, headers, plan, ms)).requests, plan);
  for (let round = 0; round < plan.rounds; round++)
    for (const cell of cells) cell.rounds.push(await measure(load, cell, headers, plan, plan.ms));
  await stopAll();
  return cells.map(({ name, rounds }) => {
    const of = (figure) => median(rounds.map((each) => each[figure]));
    return { name, rps: of('rps'), p50_ms: of('p50_ms'), p99_ms: of('p99_ms'), cpu_us: of('cpu_us') };
  });
};

/** The figures as a table in Markdown. Reading a ratio: throughput with it ÷ throughput without. */
export const comparedTable = (title, cells) => {
  const [none] = cells;
  const rows = cells.map(({ name, rps, p50_ms, p99_ms, cpu_us }) => [
    name,
    rps.toFixed(0),
    p50_ms.toFixed(2),
    p99_ms.toFixed(2),
    cpu_us.toFixed(0),
    (rps / none.rps).toFixed(2),
    (none.cpu_us / cpu_us).toFixed(2),
  ]);
  const titles = [title, 'req/s', 'p50 ms', 'p99 ms', 'CPU µs/call', 'req/s ÷ none', 'none ÷ CPU'];
  return markdownTable([titles, ...rows], (n) => n === 0);
};
