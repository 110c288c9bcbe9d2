/** How much is measured: everything within ten minutes, or `short`, which shows that it works. */

const complete = {
  /** Rounds of calls, each a turn of every target. */
  rounds: 6,
  turnMs: 350,
  /** Milliseconds of one of the turns that compared.mjs cuts into shorter ones. */
  ms: 600,
  warmUpMs: 2000,
  warmUpCalls: 16_000,
  clients: [1, 8, 32],
  peerClients: [8, 32],
  headline: 32,
  /** Of Sluice and of the bare proxy. */
  processes: 2,
  /** Of each configuration that is compared with another, and at half load. */
  comparedProcesses: 1,
  streams: 1000,
  servers: 1000,
  /** Streams with events that are followed at a time. */
  streamsAtOnce: [1, 50],
  /** Changes of a catalogue whose way to the client is measured. */
  changes: 30,
  /** Tools of a server: a call in front of each, and a change. */
  toolCounts: [10, 1, 1000, 10_000],
  changedCounts: [10, 10_000],
  soakMs: 600_000,
  /** Calls of one kind between two looks at the heap. */
  soakTurnMs: 4000,
};

const short = {
  rounds: 2,
  turnMs: 250,
  ms: 300,
  warmUpMs: 250,
  warmUpCalls: 0,
  clients: [8],
  peerClients: [8],
  headline: 8,
  processes: 1,
  comparedProcesses: 1,
  streams: 100,
  servers: 100,
  streamsAtOnce: [10],
  changes: 3,
  toolCounts: [10, 10_000],
  changedCounts: [10],
  soakMs: 20_000,
  soakTurnMs: 500,
};

const countOf = (name, text) => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`--${name} ${text}: a whole number is needed, 1 or more`);
  return count;
};

/**
 * @param {{ short: boolean, rounds?: string, streams?: string, clients?: string, processes?: string }} flags of the command line
 */
export const planOf = (flags) => {
  const plan = { ...(flags.short ? short : complete) };
  for (const name of ['rounds', 'streams', 'processes'])
    if (flags[name] !== undefined) plan[name] = countOf(name, flags[name]);
  if (flags.processes !== undefined) plan.comparedProcesses = plan.processes;
  if (flags.clients !== undefined) {
    plan.clients = flags.clients.split(',').map((text) => countOf('clients', text));
    plan.peerClients = plan.clients;
    plan.headline = plan.clients.at(-1);
  }
  return plan;
};
