/** From the cells of all rounds to the table that people read and the JSON that programs read. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { execFileSync } from 'node:child_process';
import { markdownTable } from './markdownTable.mjs';
import { median, quantile } from './median.mjs';

const round3 = (value) => Math.round(value * 1000) / 1000;

/** Of these the median of the rounds is shown. */
const figures = ['rps', 'mean_ms', 'p50_ms', 'p99_ms', 'cpu_us', 'busy', 'little'];

const groupsOf = (turns) => {
  const groups = new Map();
  for (const turn of turns) {
    const key = `${turn.name}\n${turn.concurrency}\n${turn.target}`;
    groups.set(key, [...(groups.get(key) ?? []), turn]);
  }
  return [...groups.values()];
};

/** So much of the others' throughput, and of their price the other way round, has the target in the same rounds. */
const against = (turns, others, figure) =>
  round3(median(turns.map((turn, n) => turn[figure] / others[n][figure])));

/**
 * One row for each workload, target and concurrency.
 *
 * `p999_ms` is taken from all rounds together, for one is too short to have it. Rows of Sluice have `ratios`: its throughput divided by that
 * of each other target, and `cpu_ratios`, theirs of the processor divided by its own; each made within a round.
 */
export const rowsOf = (turns) => {
  const groups = groupsOf(turns);
  return groups.map((rounds) => {
    const { name, target, concurrency } = rounds[0];
    const row = { name, target, concurrency };
    for (const figure of figures) {
      const values = rounds.map((round) => round[figure]).filter((value) => value !== undefined);
      if (values.length > 0) row[figure] = round3(median(values));
    }
    const all = Float64Array.from(rounds.flatMap(({ latencies }) => [...latencies])).sort();
    row.p999_ms = round3(quantile(all, 0.999));
    const rates = rounds.map((round) => round.rps);
    row.spread = round3((Math.max(...rates) - Math.min(...rates)) / median(rates));
    if (target !== 'sluice') return row;
    const others = groups.filter(
      ([one]) => one.name === name && one.concurrency === concurrency && one.target !== target,
    );
    row.ratios = Object.fromEntries(others.map((other) => [other[0].target, against(rounds, other, 'rps')]));
    row.cpu_ratios = Object.fromEntries(
      others.map((other) => [other[0].target, round3(1 / against(rounds, other, 'cpu_us'))]),
    );
    return row;
  });
};

/** `workload/target` → Sluice's throughput divided by the target's, at the headline concurrency; `…@N` at each. */
export const ratios = (rows, headline) => {
  const found = {};
  for (const { name, concurrency, ratios: own = {} } of rows)
    for (const [target, ratio] of Object.entries(own)) {
      if (concurrency === headline) found[`${name}/${target}`] = ratio;
      found[`${name}/${target}@${concurrency}`] = ratio;
    }
  return found;
};

const where = ({ name, target, concurrency }) => `${name}, ${target}, ${concurrency} clients`;

/**
 * Cells whose figures contradict each other: a clock, or a loop, is wrong. Empty in every run that is worth anything. A little less than
 * 1 is the client's own work between an answer and the next request, which is no latency of the target.
 */
export const contradictions = (rows) =>
  rows
    .filter(({ little }) => Math.abs(little - 1) > 0.1)
    .map((row) => `${where(row)}: throughput × mean latency is ${row.little} of the clients at work`);

/** Cells in which something else than the target may have been the limit; in those of nginx it is. */
export const doubts = (rows) =>
  rows
    .filter(
      ({ target, concurrency, busy }) =>
        target !== 'direct' && target !== 'nginx' && concurrency >= 8 && busy < 0.85,
    )
    .map(
      (row) =>
        `${where(row)}: its core was busy ${Math.round(row.busy * 100)} % only: the load, the backend, or another process held it up`,
    );

const commit = () => {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
};

const versionOf = (name) =>
  JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;

/** Where and with what the figures were taken. */
export const circumstances = (pinned) => ({
  date: new Date().toISOString().slice(0, 10),
  commit: commit(),
  node: process.version,
  undici: versionOf('undici'),
  rxjs: versionOf('rxjs'),
  cpu: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
  platform: `${process.platform} ${process.arch}`,
  pinned,
});

const columns = [
  ['workload', (row) => row.name],
  ['clients', (row) => String(row.concurrency)],
  ['target', (row) => row.target],
  ['req/s', (row) => row.rps.toFixed(0)],
  ['mean ms', (row) => row.mean_ms.toFixed(3)],
  ['p50 ms', (row) => row.p50_ms.toFixed(3)],
  ['p99 ms', (row) => row.p99_ms.toFixed(3)],
  ['p99.9 ms', (row) => row.p999_ms.toFixed(3)],
  ['CPU µs/req', (row) => row.cpu_us?.toFixed(0) ?? '–'],
  ['core busy', (row) => (row.busy === undefined ? '–' : `${(row.busy * 100).toFixed(0)} %`)],
  ['± rounds', (row) => `${(row.spread * 100).toFixed(0)} %`],
  ['sluice ÷ it', (row) => row.sluiceOf?.toFixed(2) ?? ''],
  ['its CPU ÷ sluice', (row) => row.cpuOf?.toFixed(2) ?? ''],
];

/** The rows as a Markdown table, aligned for the terminal too; beside each target what Sluice is compared with it. */
export const table = (rows) => {
  const ownOf = ({ name, concurrency }) =>
    rows.find((row) => row.target === 'sluice' && row.name === name && row.concurrency === concurrency);
  const shown = rows.map((row) => ({
    ...row,
    sluiceOf: ownOf(row)?.ratios[row.target],
    cpuOf: row.target === 'direct' ? undefined : ownOf(row)?.cpu_ratios[row.target],
  }));
  const cells = [
    columns.map(([title]) => title),
    ...shown.map((row) => columns.map(([, text]) => text(row))),
  ];
  return markdownTable(cells, (n) => n === 0 || n === 2);
};
