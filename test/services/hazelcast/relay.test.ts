import { sharedSessions } from '../../e2e/sharedSessions.contract.js';
import { eventually } from '../../support/eventually.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { startHazelcast, type Hazelcast } from '../../support/services/startHazelcast.js';
import { sharedState, type Sharing } from '../../support/sharing.js';
import { startGateway, type RunningGateway } from '../../support/startGateway.js';

describe('Gateways that share a Hazelcast cluster', () => {
  let cluster: Hazelcast;
  before(async function () {
    this.timeout(400_000);
    cluster = await serviceFor(this, () => startHazelcast({ clusterName: 'sluice-relay' }));
  });
  after(() => cluster.close());

  sharedSessions((servers): Promise<Sharing> => {
    const { clusterName, addresses } = cluster;
    const living = new Set<RunningGateway>();
    return Promise.resolve({
      async add() {
        const gateway = await startGateway(`${servers}\n${sharedState}`, {
          sessions: { ttlMs: 60_000, max: 1000, hazelcast: { clusterName, addresses } },
        });
        living.add(gateway);
        await eventually(15_000, 'the connection to the cluster', async () => {
          const health = (await (await fetch(`${gateway.adminUrl}/healthz`)).json()) as { cluster?: string };
          return health.cluster === 'connected';
        });
        const leave = async (): Promise<void> => {
          living.delete(gateway);
          await gateway.close();
        };
        return { ...gateway, leave, vanish: leave };
      },
      async close() {
        await Promise.all([...living].map((gateway) => gateway.close()));
      },
    });
  });
});
