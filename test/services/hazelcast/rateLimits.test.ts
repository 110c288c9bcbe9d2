import assert from 'node:assert/strict';
import { startService, type Service } from '../../backends/rest/startService.js';
import { ask } from '../../support/ask.js';
import { eventually } from '../../support/eventually.js';
import { inGroups } from '../../support/inGroups.js';
import { modernRequest } from '../../support/modern.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { startHazelcast, type Hazelcast } from '../../support/services/startHazelcast.js';
import { startGateway, type RunningGateway } from '../../support/startGateway.js';

describe('Limits of two gateways on two Hazelcast members', function () {
  this.timeout(60_000);
  const max = 1000;
  let cluster: Hazelcast;
  let service: Service;
  let gateways: readonly RunningGateway[] = [];
  /** Calls that have reached the service, by path. */
  const served = new Map<string, number>();

  before(async function () {
    this.timeout(400_000);
    cluster = await serviceFor(this, () => startHazelcast({ members: 2, clusterName: 'sluice-limits' }));
    service = await startService((_request, response, { url }) => {
      served.set(url, (served.get(url) ?? 0) + 1);
      response.setHeader('content-type', 'application/json').end('{}');
    });
    const { clusterName, addresses } = cluster;
    const tools = ['many', 'few', 'alone'].map((name) => `${name}: { path: /${name} }`).join(', ');
    const servers = `  a: { type: rest, url: "${service.url}", tools: { ${tools} } }
limits: { many: { rate: ${max}/day }, few: { rate: 19/day }, alone: { rate: 10/day } }`;
    const start = () =>
      startGateway(servers, {
        sessions: { ttlMs: 60_000, max: 10_000, hazelcast: { clusterName, addresses } },
      });
    gateways = [await start(), await start()];
    await eventually(15_000, 'both being connected', () => areAll('connected'));
  });
  after(async () => {
    await Promise.all(gateways.map((gateway) => gateway.close()));
    await service.close();
    await cluster.close();
  });

  const areAll = async (state: string): Promise<boolean> => {
    const states = await Promise.all(
      gateways.map(async ({ adminUrl }) => {
        const health = (await (await fetch(`${adminUrl}/healthz`)).json()) as { cluster?: string };
        return health.cluster;
      }),
    );
    return states.every((each) => each === state);
  };
  /** Calls a tool so often, on the gateways in turn; says how many of them each has let through. */
  const callAll = async (tool: string, times: number): Promise<readonly number[]> => {
    const allowed = gateways.map(() => 0);
    await inGroups(
      Array.from({ length: times }, (_, n) => n % gateways.length),
      async (index) => {
        const request = modernRequest('tools/call', { name: `a_${tool}`, arguments: {} });
        const { status, body } = await ask(gateways[index]?.port ?? 0, request, 15_000);
        assert.ok(status === 200 || status === 429, body);
        if (status === 200) allowed[index] = (allowed[index] ?? 0) + 1;
      },
    );
    return allowed;
  };
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

  it('let through what the limit says, and at most a twentieth more for each of them', async () => {
    const allowed = sum(await callAll('many', 2 * max));
    assert.equal(served.get('/many'), allowed, 'the service has seen those and no others');
    assert.ok(allowed >= max && allowed <= max * 1.1, `${allowed} of ${max}`);
    console.log(`      (${allowed} of ${max} were let through, ${2 * max} asked)`);
  });

  it('are exact for small limits', async () => {
    assert.equal(sum(await callAll('few', 60)), 19);
    assert.equal(served.get('/few'), 19);
  });

  it('are counted by each for itself while the cluster is away', async () => {
    await Promise.all([cluster.kill(0), cluster.kill(1)]);
    await eventually(15_000, 'the cluster being away', () => areAll('away'));
    assert.deepEqual(await callAll('alone', 40), [10, 10]);
  });
});
