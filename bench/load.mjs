/**
 * The load generator: a closed loop of N connections, each sending its next request when it has the answer to its last.
 *
 * Latency is taken per request from just before the write to just after the answer has been parsed; every answer's status, id
 * and content are checked, one wrong answer ends the run. A closed loop can't overload the target, so it measures its capacity and
 * the latency at exactly N requests under way, not the latency at a given arrival rate.
 *
 * Run by run.mjs as a process of its own; takes `{ port, workload, tool, concurrency, ms, headers? }` over IPC, answers with figures.
 */
import { openConnection } from './connection.mjs';
import { workloads } from './workloads.mjs';

let lastId = 0;

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];

/** Runs one cell and gives its figures; latencies in milliseconds. */
const run = async ({ port, workload, tool, concurrency, ms, headers }) => {
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
      connection.send(bytes, (answer) => {
        const now = performance.now();
        try {
          kind.check(answer, id, text);
        } catch (error) {
          return reject(error);
        }
        latencies.push(now - sentAt);
        if (now < stopAt) next({ connection, state });
        else if (--running === 0) resolve();
      });
    };
    clients.forEach(next);
  });
  const seconds = (performance.now() - startedAt) / 1000;
  fail = () => undefined;
  for (const { connection } of clients) connection.close();
  return figures(latencies, seconds, concurrency);
};

const figures = (latencies, seconds, concurrency) => {
  const sorted = Float64Array.from(latencies).sort();
  const rps = sorted.length / seconds;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return {
    requests: sorted.length,
    rps,
    mean_ms: mean,
    p50_ms: quantile(sorted, 0.5),
    p99_ms: quantile(sorted, 0.99),
    // Little's law: what is under way = throughput × mean latency. Far from 1, the clock or the loop is wrong.
    little: (rps * mean) / 1000 / concurrency,
  };
};

process.on('message', (cell) => {
  run(cell).then(
    (result) => process.send({ result }),
    (error) => process.send({ error: String(error?.message ?? error) }),
  );
});
process.on('disconnect', () => process.exit());
