import assert from 'node:assert/strict';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { within } from '../support/within.js';
import { connect } from './matrix/connect.js';
import { exercises } from './matrix/exercises.js';
import type { MatrixClient } from './matrix/matrixClient.js';
import { cells, clients, servers, type ClientKind, type ServerKind } from './matrix/plan.js';
import { startServers, watchedAt } from './matrix/startServers.js';

/** What an impossible cell would need of its server: it must not be on offer, or the cell is not impossible. */
const offersNone = async (client: MatrixClient, server: ServerKind): Promise<void> => {
  const tools = await client.tools();
  for (const tool of ['test_elicitation', 'test_sampling', 'test_trigger_resource_update'])
    assert.ok(!tools.includes(`${server}_${tool}`), `${tool} is offered`);
  assert.ok(!(await client.resources()).includes(watchedAt(server)));
};

describe('every client with every server', function () {
  this.timeout(60_000);
  let backends: Awaited<ReturnType<typeof startServers>>;
  let gateway: RunningGateway;

  before(async () => {
    backends = await startServers();
    gateway = await startGateway(backends.yaml);
  });
  after(async () => {
    await gateway.close();
    await backends.close();
  });

  for (const [kind, client] of Object.entries(clients) as [ClientKind, string][])
    describe(client, () => {
      let connected: MatrixClient;
      before(async () => {
        connected = await within(20_000, 'the connection', connect[kind](gateway));
      });
      after(() => connected.close());

      for (const { server, feature, impossible } of cells.filter((cell) => cell.client === kind))
        if (impossible === undefined)
          it(`${servers[server]}: ${feature}`, () => exercises[feature](connected, server));
        else it(`${servers[server]}: no ${feature}`, () => offersNone(connected, server));
    });
});
