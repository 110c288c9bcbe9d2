/** From the cells of all rounds to the table that people read and the JSON that programs read. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { execFileSync } from 'node:child_process';
import { markdownTable } from './markdownTable.mjs';

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const figureNames = ['rps', 'mean_ms', 'p50_ms', 'p99_ms', 'cpu_us', 'busy', 'little'];

/** One row per workload, target and concurrency: of each figure the median of the rounds, and how far the rounds lay apart. */
export const medians = (cells) => {
  const groups = new Map();
  for (const cell of cells) {
    const key = `${cell.name}\n${cell.concurrency}\n${cell.target}`;
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()].map((rounds) => {
    const { name, target, concurrency } = rounds[0];
    const row = { name, target, concurrency };
    for (const figure of figureNames) {
      const values = rounds.map((round) => round[figure]).filter((value) => value !== undefined);
      if (values.length > 0) row[figure] = round3(median(values));
    }
    const rates = rounds.map((round) => round.rps);
    row.spread = round3((Math.max(...rates) - Math.min(...rates)) / median(rates));
    return row;
  });
};

const round3 = (value) => Math.round(value * 1000) / 1000;

/** `workload/bare-node` → Sluice's throughput as a share of the bare proxy's, at the headline concurrency and at each. */
export const ratios = (rows, headline) => {
  const found = {};
  for (const row of rows) {
    if (row.target !== 'sluice') continue;
    const bare = rows.find(
      (other) =>
        other.target === 'bare-node' && other.name === row.name && other.concurrency === row.concurrency,
    );
    if (bare === undefined) continue;
    const ratio = round3(row.rps / bare.rps);
    if (row.concurrency === headline) found[`${row.name}/bare-node`] = ratio;
    found[`${row.name}/bare-node@${row.concurrency}`] = ratio;
  }
  return found;
};

/** What is wrong with the run itself, in words; empty when its figures can be trusted. */
export const doubts = (rows) => {
  const found = [];
  for (const row of rows) {
    const where = `${row.name}, ${row.target}, concurrency ${row.concurrency}`;
    // A little less than 1 is the client's own work between an answer and the next request, which is no latency of the target.
    if (row.little > 1.02 || row.little < 0.9)
      found.push(`${where}: throughput × latency is ${row.little} of the concurrency`);
    if (row.target === 'direct' || row.concurrency < 8 || row.busy === undefined) continue;
    if (row.busy < 0.85)
      found.push(
        `${where}: its core was busy ${Math.round(row.busy * 100)} % only: the load, or another process, held it up`,
      );
  }
  return found;
};

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
  ['CPU µs/req', (row) => row.cpu_us?.toFixed(0) ?? '–'],
  ['core busy', (row) => (row.busy === undefined ? '–' : `${(row.busy * 100).toFixed(0)} %`)],
  ['± rounds', (row) => `${(row.spread * 100).toFixed(0)} %`],
  ['of bare', (row) => row.ofBare?.toFixed(2) ?? ''],
];

/** The rows as a Markdown table, aligned for the terminal too. */
export const table = (rows, byName) => {
  const shown = rows.map((row) => ({
    ...row,
    ofBare: row.target === 'sluice' ? byName[`${row.name}/bare-node@${row.concurrency}`] : undefined,
  }));
  const cells = [
    columns.map(([title]) => title),
    ...shown.map((row) => columns.map(([, text]) => text(row))),
  ];
  return markdownTable(cells, (n) => n === 0 || n === 2);
};
