/**
 * Calls in a closed loop, at several numbers of clients: nothing in between (`direct`), the least proxy that Node can be (`bare-node`), nginx,
 * Sluice, and the gateways of npm's registry that do the same job (otherGateways.mjs).
 *
 * A machine's speed changes within seconds, and two processes of the same program differ by a fifth for as long as they live (what V8
 * made of it). So turns are short and interleaved, every round begins with another target, ratios are made within a round; and of what is
 * compared there are several processes, which take the rounds in turn.
 */
import { startOthers } from './otherGateways.mjs';
import { protect } from './protection.mjs';
import { rowsOf } from './report.mjs';
import { startBackend, startBareProxy, startLoad, startSluice, stdioServer, stopAll } from './targets.mjs';
import { warmUp } from './warmUp.mjs';

/** Names of what is called, each with who calls through what; see docs/performance.md. */
export const workloadNames = ['full-chain', 'plain', 'legacy', 'stdio', 'rest'];

const several = async (count, start) => {
  const processes = [];
  while (processes.length < count) processes.push(await start(processes.length));
  return processes;
};

/** The same processes for all who ask. */
const once = (start) => {
  let started;
  return () => (started ??= start());
};

/**
 * The cells of a run: who is asked what, and its processes.
 *
 * @returns {Promise<{ cells: object[], others: object[], missing: string[] }>}
 */
const startCells = async (plan, names, opa) => {
  const backend = await startBackend();
  const { headers, partsFor } = protect(opa);
  const sluices = (how) => once(() => several(plan.processes, (n) => startSluice(backend.port, [], how(n))));
  const open = sluices(() => ({}));
  const closed = sluices((n) => ({ more: Object.values(partsFor(`gateway-${n}`)).join('') }));
  const [command, ...args] = stdioServer;
  const overStdio = sluices(() => ({ server: { type: 'stdio', command, args } }));
  const bare = once(() => several(plan.processes, () => startBareProxy(backend.port)));
  const isAlone = names.every((name) => ['plain', 'rest'].includes(name));
  const { started: others, missing } = isAlone
    ? { started: [], missing: [] }
    : await startOthers(backend.port);

  const direct = { target: 'direct', processes: [backend], tool: 'echo' };
  const proxied = async () => ({ target: 'bare-node', processes: await bare(), tool: 'echo' });
  const gateway = async (start) => ({ target: 'sluice', processes: await start(), tool: 'bench_echo' });
  const matrix = {
    'full-chain': async () => [direct, await proxied(), await gateway(closed)],
    plain: async () => [direct, await proxied(), await gateway(open)],
    legacy: async () => [direct, await proxied(), await gateway(open)],
    stdio: async () => [await gateway(overStdio)],
    // No bare counterpart: a proxy does not translate. `direct` is the REST resource itself.
    rest: async () => [
      { ...direct, kind: 'plain-rest' },
      { ...(await gateway(open)), tool: 'items_get' },
    ],
  };
  const kinds = { 'full-chain': 'modern', plain: 'modern', legacy: 'legacy', stdio: 'legacy', rest: 'rest' };
  const cells = [];
  for (const name of names) {
    const more = { name, headers: name === 'full-chain' ? headers : '' };
    for (const cell of await matrix[name]())
      cells.push({ kind: kinds[name], clients: plan.clients, ...cell, ...more });
    for (const other of others)
      if (other.kinds[name] !== undefined) cells.push({ ...cellOf(other, name, plan), ...more });
  }
  return { cells, others, missing };
};

const cellOf = ({ name: target, kinds, tool, version, ...process }, workload, { clients, peerClients }) => ({
  target,
  processes: [process],
  kind: kinds[workload],
  tool,
  clients: version === undefined ? clients : peerClients,
  isSlow: version !== undefined,
});

const measure = async (load, { name, target, processes, kind, tool, headers }, round, concurrency, ms) => {
  const { port, pid } = processes[round % processes.length];
  const cell = { port, pid, workload: kind, tool, headers, concurrency, ms };
  return { name, target, concurrency, round, ...(await load.run(cell)) };
};

/**
 * Measures calls.
 *
 * @param {string[]} names of workloads
 * @param {string | undefined} opa the program that compiles the policy of `full-chain`; without it there is none
 * @returns {Promise<{ rows: object[], remarks: string[], missing: string[] }>}
 */
export const measureCalls = async (plan, names, opa) => {
  const { cells, others, missing } = await startCells(plan, names, opa);
  const load = startLoad();
  for (const cell of cells)
    for (const round of cell.processes.keys())
      await warmUp(async (ms) => (await measure(load, cell, round, 8, ms)).requests, {
        ...plan,
        // Some of the others make a few dozen calls a second.
        giveUpMs: cell.isSlow ? plan.warmUpMs : plan.warmUpMs * 8,
      });
  const measured = [];
  for (let round = 0; round < plan.rounds; round++)
    for (const concurrency of plan.clients)
      for (let turn = 0; turn < cells.length; turn++) {
        const cell = cells[(round + turn) % cells.length];
        if (cell.clients.includes(concurrency))
          measured.push(await measure(load, cell, round, concurrency, plan.turnMs));
      }
  await stopAll();
  const remarks = others.flatMap(({ name, version, remark }) =>
    remark === undefined ? [] : [`${name} ${version}: ${remark}.`],
  );
  return { rows: rowsOf(measured), remarks, missing };
};
