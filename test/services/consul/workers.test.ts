import assert from 'node:assert/strict';
import { ask } from '../../support/ask.js';
import { eventually } from '../../support/eventually.js';
import { responseOf } from '../../support/messagesOf.js';
import { modernRequest } from '../../support/modern.js';
import { consulApi } from '../../support/services/consulApi.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { startConsul, type Consul } from '../../support/services/startConsul.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';
import { startWorkers, type Workers } from '../../support/startWorkers.js';

describe('services of a real Consul agent, for several workers', function () {
  this.timeout(60_000);
  let consul: Consul;
  let search: McpBackend;
  let workers: Workers;
  before(async function () {
    this.timeout(120_000);
    consul = await serviceFor(this, () => startConsul());
    search = await startMcpBackend();
    workers = await startWorkers(`consul: { url: '${consul.url}' }`, 2);
  });
  after(async () => {
    await workers.close();
    await search.close();
    await consul.close();
  });

  const toolsOf = async (): Promise<readonly string[]> => {
    const { result } = responseOf(await ask(workers.port, modernRequest('tools/list')));
    return (result?.['tools'] as { name: string }[]).map(({ name }) => name);
  };
  /** Connections are given to the workers in turn. */
  const allShow = (expected: boolean): Promise<void> =>
    eventually(5000, `all workers ${expected ? 'showing' : 'having lost'} it`, async () => {
      const lists = await Promise.all([toolsOf(), toolsOf(), toolsOf(), toolsOf()]);
      return lists.every((tools) => tools.includes('search_echo') === expected);
    });

  it('come and go with all of them, asked for by the first process alone', async () => {
    const api = consulApi(consul);
    await api.register({
      Name: 'search-service',
      ID: 'search-1',
      Address: '127.0.0.1',
      Port: search.port,
      Meta: { 'mcp-enabled': 'true', 'mcp-type': 'server', 'mcp-toolPrefix': 'search' },
    });
    await allShow(true);
    const { discovery } = await workers.health();
    assert.deepEqual([discovery?.status, discovery?.services], ['healthy', 1]);
    // Of one follower, not of three.
    const watches = /^mcp_gateway_discovery_watches\{source="consul"\} (\d+)$/m.exec(await workers.metrics());
    assert.equal(Number(watches?.[1]), discovery?.watches);
    await api.deregister('search-1');
    await allShow(false);
  });
});
