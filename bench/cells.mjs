/** Who is asked what in a workload, and the processes of it. */
import { startOthers } from './otherGateways.mjs';
import { protect } from './protection.mjs';
import { several } from './several.mjs';
import { startBackend, startBareProxy, startSluice, stdioServer } from './targets.mjs';

/** The same processes for all who ask. */
const once = (start) => {
  let started;
  return () => (started ??= start());
};

/**
 * The cells of a run: who is asked what, and its processes.
 *
 * @param {string[]} names of workloads
 * @param {{ opa?: string, withOthers: boolean }} how `opa`: the program that compiles the policy of `full-chain`
 * @returns {Promise<{ cells: object[], others: object[], missing: string[] }>}
 */
export const startCells = async (plan, names, { opa, withOthers }) => {
  const backend = await startBackend();
  const { headers, partsFor } = protect(opa);
  const sluices = (how) => once(() => several(plan.processes, (n) => startSluice(backend.port, [], how(n))));
  const open = sluices(() => ({}));
  const closed = sluices((n) => ({ more: Object.values(partsFor(`gateway-${n}`)).join('') }));
  const [command, ...args] = stdioServer;
  const overStdio = sluices(() => ({ server: { type: 'stdio', command, args } }));
  const bare = once(() => several(plan.processes, () => startBareProxy(backend.port)));
  const isAlone = !withOthers || names.every((name) => ['plain', 'rest'].includes(name));
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
