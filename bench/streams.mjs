/**
 * What an open stream costs that says nothing: heap (after a collection), heap and buffers, and resident memory, each as the growth of
 * the process divided by the number of streams. Beside Sluice a bare Node server that holds the same streams (bareStreams.mjs).
 *
 * Each kind has processes of its own: what an earlier kind has left behind would be on a later one's bill. A first group of streams
 * is opened and closed before anything counts, so that code and caches are not either.
 */
import { idleStreams } from './idleStreams.mjs';
import { markdownTable } from './markdownTable.mjs';
import { memoryOf, probing } from './memoryOf.mjs';
import { startBareStreams, startSluice } from './targets.mjs';

/** How many are opened at a time: more and the listening socket's queue overflows. */
const atOnce = 50;
const warmUp = 50;

const openMany = async (count, open) => {
  const closers = [];
  while (closers.length < count) {
    const group = Array.from({ length: Math.min(atOnce, count - closers.length) }, open);
    closers.push(...(await Promise.all(group)));
  }
  return () => closers.forEach((close) => close());
};

/** Waits until the memory has stopped shrinking: the end of a connection takes the other side a moment. */
const settled = async (child) => {
  for (let last = await memoryOf(child); ;) {
    const now = await memoryOf(child);
    if (now.heap > last.heap - 32 * 1024) return now;
    last = now;
  }
};

const measure = async ({ child, port }, kind, count) => {
  const open = () => idleStreams[kind](port);
  (await openMany(warmUp, open))();
  const before = await settled(child);
  const close = await openMany(count, open);
  const held = await settled(child);
  close();
  const after = await settled(child);
  const each = (figure) => Math.round((held[figure] - before[figure]) / count);
  return {
    kind,
    streams: count,
    heap_bytes: each('heap'),
    heap_and_buffers_bytes: each('all'),
    rss_bytes: each('rss'),
    // Of all streams together; sessions that were not ended are still in it.
    left_heap_bytes: after.heap - before.heap,
  };
};

/**
 * Measures every kind of stream.
 *
 * @param {number} backendPort
 * @param {{ count: number }} plan
 * @returns {Promise<object[]>} one row for each kind and target
 */
export const measureStreams = async (backendPort, { count }) => {
  const cells = Object.keys(idleStreams).flatMap((kind) => [
    { kind, target: 'bare-node', started: startBareStreams(probing) },
    { kind, target: 'sluice', started: startSluice(backendPort, probing) },
  ]);
  await Promise.all(cells.map(({ started }) => started));
  const rows = [];
  for (const { kind, target, started } of cells)
    rows.push({ target, ...(await measure(await started, kind, count)) });
  return rows;
};

const columns = [
  ['streams', (row) => row.kind],
  ['target', (row) => row.target],
  ['count', (row) => String(row.streams)],
  ['heap KiB', (row) => kib(row.heap_bytes)],
  ['heap + buffers KiB', (row) => kib(row.heap_and_buffers_bytes)],
  ['RSS KiB', (row) => kib(row.rss_bytes)],
  ['left MiB', (row) => (row.left_heap_bytes / 1024 ** 2).toFixed(2)],
  ['heap of bare', (row, bare) => (row === bare ? '' : (row.heap_bytes / bare.heap_bytes).toFixed(2))],
];

const kib = (bytes) => (bytes / 1024).toFixed(1);

/** The rows as a Markdown table. */
export const streamTable = (rows) => {
  const bareOf = ({ kind }) => rows.find((row) => row.kind === kind && row.target === 'bare-node');
  const lines = rows.map((row) => columns.map(([, text]) => text(row, bareOf(row))));
  return markdownTable([columns.map(([title]) => title), ...lines], (n) => n < 2);
};
