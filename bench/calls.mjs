/**
 * Calls in a closed loop, at several numbers of clients: nothing in between (`direct`), the least proxy that Node can be (`bare-node`), nginx,
 * Sluice, and the gateways of npm's registry that do the same job (otherGateways.mjs).
 *
 * A machine's speed changes within seconds, and two processes of the same program differ by a fifth for as long as they live (what V8
 * made of it). So turns are short and interleaved, every round begins with another target, ratios are made within a round; and of what is
 * compared there are several processes, which take the rounds in turn.
 */
import { startCells } from './cells.mjs';
import { rowsOf } from './report.mjs';
import { startLoad, stopAll } from './targets.mjs';
import { warmUp } from './warmUp.mjs';

/** Names of what is called, each with who calls through what; see docs/performance.md. */
export const workloadNames = ['full-chain', 'plain', 'legacy', 'stdio', 'rest'];

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
  const { cells, others, missing } = await startCells(plan, names, { opa, withOthers: true });
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
