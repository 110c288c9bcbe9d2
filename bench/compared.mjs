/**
 * Gateways that differ in their configuration, and get the very same calls. One process each, all on core 0 and idle but the one that is
 * asked. A shared machine's speed changes by a third within seconds, so turns are short, many and interleaved: each is compared with the
 * turn that the gateway with nothing had in the same round, and of these ratios the median is shown. Every round begins with another.
 */
import { markdownTable } from './markdownTable.mjs';
import { median } from './median.mjs';
import { several } from './several.mjs';
import { startBackend, startLoad, startSluice, stopAll } from './targets.mjs';
import { warmUp } from './warmUp.mjs';

/** So many short turns instead of one round of a plan; what they take together is the same. */
const turnsARound = 5;

const measure = async (load, { processes }, headers, { headline: concurrency }, round, ms) => {
  const { port, pid } = processes[round % processes.length];
  return load.run({ port, pid, workload: 'modern', tool: 'bench_echo', concurrency, ms, headers });
};

const described = ([name, value]) => [name, value.more === undefined ? { more: value } : value];

/**
 * @param configurations by name what each adds to a gateway with nothing but its backend, or what gives that for each of its processes by
 * their number, or `{ more, backend }` where it has another backend; the first is what the others are compared with
 * @param headers lines of every request
 * @returns figures of each configuration, medians of the rounds
 */
export const measureCompared = async (plan, configurations, headers = '') => {
  const usual = await startBackend();
  const cells = [];
  for (const [name, { more, backend = usual }] of Object.entries(configurations).map(described)) {
    const moreOf = typeof more === 'function' ? more : () => more;
    const processes = await several(plan.comparedProcesses, (n) =>
      startSluice(backend.port, [], { more: moreOf(n) }),
    );
    cells.push({ name, processes, rounds: [] });
  }
  const load = startLoad();
  for (const cell of cells)
    for (const round of cell.processes.keys())
      await warmUp(async (ms) => (await measure(load, cell, headers, plan, round, ms)).requests, plan);
  for (let round = 0; round < plan.rounds * turnsARound; round++)
    for (let turn = 0; turn < cells.length; turn++) {
      const cell = cells[(round + turn) % cells.length];
      cell.rounds.push(await measure(load, cell, headers, plan, round, plan.ms / turnsARound));
    }
  await stopAll();
  const [{ rounds: without }] = cells;
  return cells.map(({ name, rounds }) => {
    const of = (figure) => median(rounds.map((each) => each[figure]));
    const ratio = (figure) => median(rounds.map((each, n) => each[figure] / without[n][figure]));
    return {
      name,
      rps: of('rps'),
      p50_ms: of('p50_ms'),
      p99_ms: of('p99_ms'),
      cpu_us: of('cpu_us'),
      rps_ratio: ratio('rps'),
      cpu_ratio: 1 / ratio('cpu_us'),
    };
  });
};

/** The figures as a table in Markdown. Reading a ratio: throughput with it ÷ throughput without, in the same round. */
export const comparedTable = (title, cells) => {
  const rows = cells.map(({ name, rps, p50_ms, p99_ms, cpu_us, rps_ratio, cpu_ratio }) => [
    name,
    rps.toFixed(0),
    p50_ms.toFixed(2),
    p99_ms.toFixed(2),
    cpu_us.toFixed(0),
    rps_ratio.toFixed(2),
    cpu_ratio.toFixed(2),
  ]);
  const titles = [
    title,
    'req/s',
    'p50 ms',
    'p99 ms',
    'CPU µs/call',
    `req/s ÷ ${cells[0].name}`,
    `${cells[0].name} ÷ CPU`,
  ];
  return markdownTable([titles, ...rows], (n) => n === 0);
};
