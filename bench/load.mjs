/**
 * The load generator: a closed loop of N connections, each sending its next request when it has the answer to its last; or, where there
 * is a rate, an open loop over them.
 *
 * Latency is taken per request from just before the write to just after the answer has been parsed; every answer's status, id
 * and content are checked, one wrong answer ends the run. A closed loop can't overload the target, so it measures its capacity and
 * the latency at exactly N requests under way; an open loop the latency at a given arrival rate.
 *
 * Run by run.mjs as a process of its own; takes `{ port, workload, tool, concurrency, ms, perSecond?, headers?, pid? }` over IPC, answers with figures;
 * with those of the processor where it is told whose.
 */
import { openConnection } from './connection.mjs';
import { cpuTime } from './cpuTime.mjs';
import { quantile } from './median.mjs';
import { workloads } from './workloads.mjs';

let lastId = 0;

/** How often an open loop looks what is due. */
const tickMs = 1;

/** Asks once; gives the answer's time to `after`, and how long it took since `from` to `took`. A wrong answer ends everything. */
const asking =
  (kind, took, reject) =>
  ({ connection, state }, after, from) => {
    const id = ++lastId;
    const text = `hello ${id}`;
    const bytes = kind.request(id, text, state);
    const sentAt = from ?? performance.now();
    const answered = (answer) => {
      const now = performance.now();
      try {
        kind.check(answer, id, text);
      } catch (error) {
        return reject(error);
      }
      took(now - sentAt);
      after(now);
    };
    if (kind.send === undefined) connection.send(bytes, answered);
    else kind.send(connection, bytes, state, id, answered);
  };

/** Each client asks again when it has its answer. Gives how long all clients were at work together: some wait for the last answers. */
const closedLoop = (clients, ask, { ms }) =>
  new Promise((resolve) => {
    const startedAt = performance.now();
    let running = clients.length;
    let atWork = 0;
    const next = (client) =>
      ask(client, (now) => {
        if (now < startedAt + ms) return next(client);
        atWork += now - startedAt;
        if (--running === 0) resolve({ atWork });
      });
    clients.forEach(next);
  });

/**
 * Requests begin at a constant rate, whatever becomes of those before; where no client is free they wait, and that is in their time. Gives by
 * how much the generator itself was late, which is not.
 */
const openLoop = (clients, ask, { ms, perSecond }) =>
  new Promise((resolve) => {
    const startedAt = performance.now();
    const idle = [...clients];
    const waiting = [];
    const late = [];
    let begun = 0;
    const begin = (client, from) =>
      ask(
        client,
        () => {
          const waitsSince = waiting.shift();
          if (waitsSince === undefined) idle.push(client);
          else begin(client, waitsSince);
        },
        from,
      );
    const dueAfter = (count) => startedAt + (count * 1000) / perSecond;
    const isOver = () => performance.now() > startedAt + ms && idle.length === clients.length;
    const clock = setInterval(() => {
      for (; dueAfter(begun) < startedAt + ms; begun++) {
        const now = performance.now();
        const dueAt = dueAfter(begun);
        if (dueAt > now) return;
        late.push(now - dueAt);
        const client = idle.pop();
        if (client === undefined) waiting.push(now);
        else begin(client, now);
      }
      if (!isOver()) return;
      clearInterval(clock);
      resolve({ late_ms: quantile(Float64Array.from(late).sort(), 0.99) });
    }, tickMs);
  });

/** Runs one cell and gives its figures; latencies in milliseconds. */
const run = async (cell) => {
  const { port, pid, workload, tool, concurrency, headers, perSecond } = cell;
  const kind = workloads[workload](port, tool, headers);
  let broken;
  let fail = (error) => (broken = error);
  const clients = [];
  for (let n = 0; n < concurrency; n++) {
    const connection = await openConnection(port, (error) => fail(error));
    clients.push({ connection, state: await kind.open(connection) });
  }
  if (broken) throw broken;
  const lost = new Promise((_, reject) => (fail = reject));
  const latencies = [];
  const ask = asking(kind, (latency) => latencies.push(latency), fail);
  const usedBefore = cpuTime(pid);
  const startedAt = performance.now();
  const loop = perSecond === undefined ? closedLoop : openLoop;
  const { atWork, ...more } = await Promise.race([loop(clients, ask, cell), lost]);
  const elapsed = performance.now() - startedAt;
  const used = cpuTime(pid) - usedBefore;
  for (const { connection, state } of clients) await Promise.race([kind.close?.(connection, state), lost]);
  for (const { connection } of clients) connection.close();
  return {
    ...figures(latencies, elapsed, atWork / elapsed),
    ...more,
    ...(Number.isNaN(used) ? {} : { cpu_us: (used / latencies.length) * 1e6, busy: (used / elapsed) * 1000 }),
  };
};

/** @param underWay how many clients were at work, over the time; unknown in an open loop */
const figures = (latencies, elapsed, underWay) => {
  const sorted = Float64Array.from(latencies).sort();
  const rps = (sorted.length / elapsed) * 1000;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return {
    requests: sorted.length,
    rps,
    mean_ms: mean,
    p50_ms: quantile(sorted, 0.5),
    p99_ms: quantile(sorted, 0.99),
    // Little's law: what is under way = throughput × mean latency. Far from 1, the clock or the loop is wrong.
    ...(Number.isNaN(underWay) ? {} : { little: (rps * mean) / 1000 / underWay }),
    latencies: sorted,
  };
};

process.on('message', (cell) => {
  run(cell).then(
    (result) => process.send({ result }),
    (error) => process.send({ error: String(error?.message ?? error) }),
  );
});
process.on('disconnect', () => process.exit());
