/** How much is measured: everything within ten minutes, or `short`, which shows that it works. */

const complete = {
  /** Rounds of calls, each a turn of every target. */
  rounds: 8,
  turnMs: 350,
  /** Milliseconds of one of the turns that compared.mjs cuts into shorter ones. */
  ms: 1000,
  warmUpMs: 3000,
  warmUpCalls: 25_000,
  clients: [1, 8, 32],
  peerClients: [8, 32],
  headline: 32,
  /** Of Sluice and of the bare proxy. */
  processes: 2,
  streams: 1000,
  servers: 1000,
  /** Streams with events that are followed at a time. */
  streamsAtOnce: [1, 50],
  /** Changes of a catalogue whose way to the client is measured. */
  changes: 30,
  soakMs: 600_000,
  /** Calls of one kind between two looks at the heap. */
  soakTurnMs: 4000,
};

const short = {
  rounds: 2,
  turnMs: 300,
  ms: 400,
  warmUpMs: 400,
  warmUpCalls: 0,
  clients: [8],
  peerClients: [8],
  headline: 8,
  processes: 1,
  streams: 100,
  servers: 100,
  streamsAtOnce: [10],
  changes: 5,
  soakMs: 20_000,
  soakTurnMs: 500,
};

/**
 * @param {{ short: boolean, rounds?: string, streams?: string, clients?: string, processes?: string }} flags of the command line
 */
export const planOf = (flags) => {
  const plan = { ...(flags.short ? short : complete) };
  for (const name of ['rounds', 'streams', 'processes'])
    if (flags[name] !== undefined) plan[name] = Number(flags[name]);
  if (flags.clients !== undefined) {
    plan.clients = flags.clients.split(',').map(Number);
    plan.peerClients = plan.clients;
    plan.headline = plan.clients.at(-1);
  }
  return plan;
};
