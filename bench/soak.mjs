/**
 * Calls without an end, to a gateway with everything that protects: does its heap grow? Calls of 2026-07-28 and of sessions of 2025-11-25, which
 * are opened and ended, take turns; after each turn the heap is looked at, after a collection. The first fifth does not count: caches fill, code
 * is compiled. Through the rest goes the line with the least squares; `±` is twice the standard error of its slope, and within it
 * the slope is 0.
 */
import { markdownTable } from './markdownTable.mjs';
import { memoryOf, probing } from './memoryOf.mjs';
import { protect } from './protection.mjs';
import { startBackend, startLoad, startSluice, stopAll } from './targets.mjs';

const concurrency = 16;
const MiB = 1024 ** 2;

/** Slope and its standard error of the line through some points. @param {[number, number][]} points */
const lineThrough = (points) => {
  const mean = (at) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const spread = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
  const slope = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0) / spread;
  const rest = points.reduce((sum, [at, value]) => sum + (value - y - slope * (at - x)) ** 2, 0);
  return { slope, error: Math.sqrt(rest / Math.max(1, points.length - 2) / spread) };
};

/** @param opa the program that compiles the policy */
export const measureSoak = async ({ soakMs, soakTurnMs }, opa) => {
  const { headers, partsFor } = protect(opa);
  const backend = await startBackend();
  const more = Object.values(partsFor('soak')).join('');
  const { port, child } = await startSluice(backend.port, probing, { more });
  const load = startLoad();
  const points = [];
  let calls = 0;
  const beganAt = performance.now();
  for (let turn = 0; performance.now() < beganAt + soakMs; turn++) {
    const workload = turn % 2 === 0 ? 'modern' : 'legacy';
    const cell = { port, workload, tool: 'bench_echo', headers, concurrency, ms: soakTurnMs };
    calls += (await load.run(cell)).requests;
    const { heap, rss } = await memoryOf(child);
    points.push({ seconds: (performance.now() - beganAt) / 1000, calls, heap_bytes: heap, rss_bytes: rss });
  }
  await stopAll();
  const counted = points.slice(Math.floor(points.length / 5));
  const { slope, error } = lineThrough(counted.map(({ calls: at, heap_bytes: heap }) => [at, heap]));
  const callsASecond = calls / points.at(-1).seconds;
  return {
    calls,
    seconds: points.at(-1).seconds,
    heap_bytes_per_call: slope,
    heap_bytes_per_call_error: 2 * error,
    heap_mib_per_hour: (slope * callsASecond * 3600) / MiB,
    heap_mib_per_hour_error: (2 * error * callsASecond * 3600) / MiB,
    is_flat: Math.abs(slope) <= 2 * error,
    points,
  };
};

/** The figures as a table in Markdown. */
export const soakTable = (soak) => {
  const counted = soak.points.slice(Math.floor(soak.points.length / 5));
  const mib = (bytes) => (bytes / MiB).toFixed(1);
  const titles = [
    'calls',
    'seconds',
    'heap MiB, first',
    'last',
    'RSS MiB, last',
    'bytes a call',
    'MiB an hour',
    'slope is',
  ];
  const line = [
    String(soak.calls),
    soak.seconds.toFixed(0),
    mib(counted[0].heap_bytes),
    mib(counted.at(-1).heap_bytes),
    mib(counted.at(-1).rss_bytes),
    `${soak.heap_bytes_per_call.toFixed(2)} ± ${soak.heap_bytes_per_call_error.toFixed(2)}`,
    `${soak.heap_mib_per_hour.toFixed(1)} ± ${soak.heap_mib_per_hour_error.toFixed(1)}`,
    soak.is_flat ? '0' : 'not 0',
  ];
  return markdownTable([titles, line], () => false);
};
