/**
 * What a gateway adds to a call when it has time: calls arrive at a constant rate, half of what the gateway can do, and go to the backend
 * itself, through the bare proxy and through Sluice, in turns of the same round. `added` is the median, over the rounds, of the difference to
 * the turn that the backend itself had; that of p99.9 is taken from all rounds together.
 */
import { startCells } from './cells.mjs';
import { markdownTable } from './markdownTable.mjs';
import { median, quantile } from './median.mjs';
import { startLoad, stopAll } from './targets.mjs';
import { warmUp } from './warmUp.mjs';

/** Connections that calls find free; those that find none wait. */
const connections = 64;
const workloads = ['plain', 'full-chain'];

const ask = (load, { processes, kind, tool, headers }, round, more) => {
  const { port } = processes[round % processes.length];
  return load.run({ port, workload: kind, tool, headers, ...more });
};

/** What it does at most, a second. */
const capacityOf = async (load, cell, plan) => {
  const rates = [];
  for (let round = 0; round < Math.max(3, cell.processes.length); round++)
    rates.push((await ask(load, cell, round, { concurrency: plan.headline, ms: plan.turnMs })).rps);
  return median(rates);
};

const rowsOf = (name, perSecond, cells) => {
  const [direct] = cells;
  const all = ({ rounds }) => Float64Array.from(rounds.flatMap(({ latencies }) => [...latencies])).sort();
  const tail = quantile(all(direct), 0.999);
  return cells.map((cell) => {
    const of = (figure) => median(cell.rounds.map((round) => round[figure]));
    const added = (figure) => median(cell.rounds.map((round, n) => round[figure] - direct.rounds[n][figure]));
    const p999 = quantile(all(cell), 0.999);
    return {
      name,
      target: cell.target,
      per_second: Math.round(perSecond),
      p50_ms: of('p50_ms'),
      p99_ms: of('p99_ms'),
      p999_ms: p999,
      added_p50_ms: added('p50_ms'),
      added_p99_ms: added('p99_ms'),
      added_p999_ms: p999 - tail,
      late_ms: of('late_ms'),
    };
  });
};

/** @param opa the program that compiles the policy of `full-chain` */
export const measureHalfLoad = async (plan, opa) => {
  const { cells } = await startCells({ ...plan, processes: plan.comparedProcesses }, workloads, {
    opa,
    withOthers: false,
  });
  const load = startLoad();
  const rows = [];
  for (const name of workloads) {
    const own = cells.filter((cell) => cell.name === name).map((cell) => ({ ...cell, rounds: [] }));
    for (const cell of own)
      for (const round of cell.processes.keys())
        await warmUp(async (ms) => (await ask(load, cell, round, { concurrency: 8, ms })).requests, plan);
    const perSecond =
      (await capacityOf(
        load,
        own.find(({ target }) => target === 'sluice'),
        plan,
      )) / 2;
    for (let round = 0; round < plan.rounds; round++)
      for (let turn = 0; turn < own.length; turn++) {
        const cell = own[(round + turn) % own.length];
        cell.rounds.push(await ask(load, cell, round, { concurrency: connections, ms: plan.ms, perSecond }));
      }
    rows.push(...rowsOf(name, perSecond, own));
  }
  await stopAll();
  return rows;
};

const ms = (value) => value.toFixed(3);

/** The figures as a table in Markdown. */
export const halfLoadTable = (rows) => {
  const lines = rows.map((row) => [
    row.name,
    row.target,
    String(row.per_second),
    ms(row.p50_ms),
    ms(row.p99_ms),
    ms(row.p999_ms),
    ...(row.target === 'direct'
      ? ['', '', '']
      : [ms(row.added_p50_ms), ms(row.added_p99_ms), ms(row.added_p999_ms)]),
    ms(row.late_ms),
  ]);
  const titles = ['half load', 'target', 'req/s', 'p50 ms', 'p99 ms', 'p99.9 ms'];
  return markdownTable(
    [[...titles, 'added p50', 'added p99', 'added p99.9', 'sent late p99'], ...lines],
    (n) => n < 2,
  );
};
