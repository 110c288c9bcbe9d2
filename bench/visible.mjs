/**
 * From a change of a backend's tools until its clients know: a client of 2026-07-28 listens at the gateway, the backend says that its list has
 * changed (livelyBackend.mjs); noted is when the client hears of it, and when a `tools/list` that it then asks for has come and shows the
 * change.
 */
import { messageOf, openConnection } from './connection.mjs';
import { openEventStream } from './eventStream.mjs';
import { markdownTable } from './markdownTable.mjs';
import { quantile } from './median.mjs';
import { now } from './now.mjs';
import { startLivelyBackend, startSluice, stopAll } from './targets.mjs';
import { listenRequest } from './idleStreams.mjs';
import { modernPost, modernRequest } from './workloads.mjs';

/** A client that listens for changes: `heard` resolves with the time of the next. */
const listening = async (port) => {
  const waiting = [];
  let acknowledged;
  const ready = new Promise((resolve) => (acknowledged = resolve));
  const stream = await openEventStream({ port, ...listenRequest('changes') }, ({ data }) => {
    const { method } = JSON.parse(data);
    if (method === 'notifications/subscriptions/acknowledged') acknowledged();
    if (method === 'notifications/tools/list_changed') waiting.shift()?.(now());
  });
  await ready;
  return { heard: () => new Promise((resolve) => waiting.push(resolve)), close: () => stream.close() };
};

/** The first page of the tools. */
const listed = (port, connection, id) =>
  new Promise((resolve) => {
    const request = modernRequest({ id, method: 'tools/list', params: {} });
    connection.send(modernPost(port, request), (answer) => resolve(messageOf(answer).result.tools));
  });

const measure = async (count, changes) => {
  const backend = await startLivelyBackend(count);
  const { port } = await startSluice(backend.port);
  const client = await listening(port);
  let broken;
  const connection = await openConnection(port, (error) => (broken = error));
  const heardMs = [];
  const shownMs = [];
  for (let n = 0; n <= changes; n++) {
    const hearing = client.heard();
    const changedAt = await backend.change(`change ${n}`);
    const heard = (await hearing) - changedAt;
    const [first] = await listed(port, connection, n);
    const shown = now() - changedAt;
    if (broken !== undefined) throw broken;
    if (!first.description.includes(`change ${n}`))
      throw new Error(`Told of change ${n}, but it is not listed`);
    // The first one meets code that has never run.
    if (n === 0) continue;
    heardMs.push(heard);
    shownMs.push(shown);
  }
  client.close();
  connection.close();
  await stopAll();
  const of = (values, share) => quantile(Float64Array.from(values).sort(), share);
  return {
    tools: count,
    changes,
    heard_p50_ms: of(heardMs, 0.5),
    heard_max_ms: of(heardMs, 1),
    listed_p50_ms: of(shownMs, 0.5),
    listed_max_ms: of(shownMs, 1),
  };
};

/** @returns a row for each number of tools */
export const measureVisible = async ({ changes, changedCounts }) => {
  const rows = [];
  for (const count of changedCounts) rows.push(await measure(count, changes));
  return rows;
};

/** The rows as a Markdown table. */
export const visibleTable = (rows) => {
  const lines = rows.map((row) => [
    String(row.tools),
    String(row.changes),
    ...[row.heard_p50_ms, row.heard_max_ms, row.listed_p50_ms, row.listed_max_ms].map((ms) => ms.toFixed(1)),
  ]);
  const titles = ['tools', 'changes', 'client told, ms p50', 'max', 'listed, ms p50', 'max'];
  return markdownTable([titles, ...lines], () => false);
};
