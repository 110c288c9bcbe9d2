/**
 * The load generator: a closed loop of N connections, each sending its next request when it has the answer to its last.
 *
 * Latency is taken per request from just before the write to just after the answer has been parsed; every answer's status, id
 * and content are checked, one wrong answer ends the run. A closed loop can't overload the target, so it measures its capacity and
 * the latency at exactly N requests under way, not the latency at a given arrival rate.
 *
 * Run by run.mjs as a process of its own; takes `{ port, workload, tool, concurrency, ms, headers?, pid? }` over IPC, answers with figures;
 * with those of the processor where it is told whose.
 */
import { openConnection } from './connection.mjs';
import { cpuTime } from './cpuTime.mjs';
import { quantile } from './median.mjs';
import { workloads } from './workloads.mjs';

let lastId = 0;

/** Runs one cell and gives its figures; latencies in milliseconds. */
const run = async ({ port, pid, workload, tool, concurrency, ms, headers }) => {
  const kind = workloads[workload](port, tool, headers);
  let broken;
  let fail = (error) => (broken = error);
  const clients = [];
  for (let n = 0; n < concurrency; n++) {
    const connection = await openConnection(port, (error) => fail(error));
    clients.push({ connection, state: await kind.open(connection) });
  }
  if (broken) throw broken;
  const latencies = [];
  let atWork = 0;
  const usedBefore = cpuTime(pid);
  const startedAt = performance.now();
  const stopAt = startedAt + ms;
  await new Promise((resolve, reject) => {
    fail = reject;
    let running = clients.length;
    const next = ({ connection, state }) => {
      const id = ++lastId;
      const text = `hello ${id}`;
      const bytes = kind.request(id, text, state);
      const sentAt = performance.now();
      const answered = (answer) => {
        const now = performance.now();
        try {
          kind.check(answer, id, text);
        } catch (error) {
          return reject(error);
        }
        latencies.push(now - sentAt);
        if (now < stopAt) return next({ connection, state });
        atWork += now - startedAt;
        if (--running === 0) resolve();
      };
      if (kind.send === undefined) connection.send(bytes, answered);
      else kind.send(connection, bytes, state, id, answered);
    };
    clients.forEach(next);
  });
  const elapsed = performance.now() - startedAt;
  const used = cpuTime(pid) - usedBefore;
  const lost = new Promise((_, reject) => (fail = reject));
  for (const { connection, state } of clients) await Promise.race([kind.close?.(connection, state), lost]);
  for (const { connection } of clients) connection.close();
  return {
    ...figures(latencies, elapsed, atWork / elapsed),
    ...(Number.isNaN(used) ? {} : { cpu_us: (used / latencies.length) * 1e6, busy: (used / elapsed) * 1000 }),
  };
};

/** @param underWay how many clients were at work, over the time: fewer than there are while the last answers are awaited */
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
    little: (rps * mean) / 1000 / underWay,
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
