/**
 * What a gateway adds to events on their way: a tool tells of its progress at a steady pace, each time with the time at which it did
 * (livelyBackend.mjs), and the client notes when it hears of it; processes of one machine share a clock. `first event` is from the request on,
 * with the opening of its connection; `each event` from the backend's telling it. Turns as everywhere: short, interleaved, differences
 * within a round.
 */
import { openEventStream } from './eventStream.mjs';
import { markdownTable } from './markdownTable.mjs';
import { median, quantile } from './median.mjs';
import { now } from './now.mjs';
import { startOther } from './otherGateways.mjs';
import { startLivelyBackend, startSluice, stopAll } from './targets.mjs';
import { modernRequest } from './workloads.mjs';

const eventsEach = 20;
const everyMs = 5;

let lastId = 0;

/** Follows one stream to its end. */
const follow = async ({ port, tool }) => {
  const id = ++lastId;
  const params = { name: tool, arguments: { count: eventsEach, everyMs } };
  const request = modernRequest({ id, method: 'tools/call', params }, { progressToken: id });
  const delays = [];
  let firstMs;
  let response;
  const beganAt = now();
  const stream = await openEventStream({ port, ...request }, ({ data }) => {
    const at = now();
    const message = JSON.parse(data);
    if (message.id === id) response = message;
    if (message.method !== 'notifications/progress') return;
    firstMs ??= at - beganAt - everyMs;
    delays.push(at - Number(message.params.message));
  });
  await stream.ended;
  if (delays.length !== eventsEach || response?.result?.content?.[0]?.text !== 'done')
    throw new Error(`${delays.length} of ${eventsEach} events, then ${JSON.stringify(response)}`);
  return { firstMs, delays };
};

const turn = async (target, atOnce) => {
  const streams = await Promise.all(Array.from({ length: atOnce }, () => follow(target)));
  return {
    first: median(streams.map(({ firstMs }) => firstMs)),
    delays: Float64Array.from(streams.flatMap(({ delays }) => delays)).sort(),
  };
};

const startTargets = async () => {
  const { port } = await startLivelyBackend();
  const targets = [{ name: 'direct', port, tool: 'ticks' }];
  const missing = [];
  try {
    targets.push({ name: 'nginx', tool: 'ticks', ...(await startOther('nginx', port)) });
  } catch (error) {
    missing.push(`nginx is left out: ${error.message}`);
  }
  targets.push({ name: 'sluice', tool: 'bench_ticks', ...(await startSluice(port)) });
  return { targets, missing };
};

const rowOf = ({ name, rounds }, direct, atOnce) => {
  const of = (share) => (round) => quantile(round.delays, share);
  const added = (figure) => median(rounds.map((round, n) => figure(round) - figure(direct.rounds[n])));
  return {
    target: name,
    at_once: atOnce,
    first_event_ms: median(rounds.map(({ first }) => first)),
    event_p50_ms: median(rounds.map(of(0.5))),
    event_p99_ms: median(rounds.map(of(0.99))),
    added_first_event_ms: added(({ first }) => first),
    added_event_p50_ms: added(of(0.5)),
    added_event_p99_ms: added(of(0.99)),
  };
};

/** @returns {Promise<{ rows: object[], missing: string[] }>} */
export const measureDelays = async ({ rounds, streamsAtOnce }) => {
  const { targets, missing } = await startTargets();
  const rows = [];
  for (const atOnce of streamsAtOnce) {
    const cells = targets.map((target) => ({ ...target, rounds: [] }));
    for (const cell of cells) for (let n = 0; n < 3; n++) await turn(cell, atOnce);
    for (let round = 0; round < rounds * 3; round++)
      for (let place = 0; place < cells.length; place++) {
        const cell = cells[(round + place) % cells.length];
        cell.rounds.push(await turn(cell, atOnce));
      }
    rows.push(...cells.map((cell) => rowOf(cell, cells[0], atOnce)));
  }
  await stopAll();
  return { rows, missing };
};

const columns = [
  ['first event', 'first_event_ms'],
  ['each event p50', 'event_p50_ms'],
  ['p99', 'event_p99_ms'],
  ['added to the first', 'added_first_event_ms'],
  ['to each p50', 'added_event_p50_ms'],
  ['p99', 'added_event_p99_ms'],
];

/** The figures as a table in Markdown. */
export const delayTable = ({ rows }) => {
  const lines = rows.map((row) => [
    row.target,
    String(row.at_once),
    ...columns.map(([, name]) => row[name].toFixed(3)),
  ]);
  const titles = ['events, ms', 'streams', ...columns.map(([title]) => title)];
  return markdownTable([titles, ...lines], (n) => n === 0);
};
