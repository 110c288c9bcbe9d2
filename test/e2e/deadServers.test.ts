import assert from 'node:assert/strict';
import { startService } from '../backends/rest/startService.js';
import { modernCall } from '../support/modern.js';
import { samples } from '../support/samples.js';
import { startGateway } from '../support/startGateway.js';

describe('a REST server whose only process is dead', () => {
  for (const [name, more] of [
    ['without a breaker', ''],
    ['with a breaker and no pings', ', circuit_breaker: { failures: 2 }, health_check: { enabled: false }'],
  ] as const)
    it(`${name}: is down in health and metrics once calls have shown it`, async () => {
      const service = await startService();
      const gateway = await startGateway(
        `  shop: { type: rest, url: "${service.url}", tools: { read: { path: / } }${more} }`,
      );
      const seen = async (): Promise<readonly unknown[]> => {
        const health = (await (await fetch(new URL('/readyz?verbose', gateway.adminUrl))).json()) as {
          readonly servers: readonly { readonly status: string }[];
        };
        const values = samples(await (await fetch(new URL('/metrics', gateway.adminUrl))).text());
        const up = [...values].filter(([key]) => key.startsWith('mcp_server_up')).map(([, value]) => value);
        return [health.servers.map(({ status }) => status), up];
      };
      try {
        await modernCall(gateway.port, 'shop_read');
        assert.deepEqual(await seen(), [['healthy'], [1]]);
        await service.close();
        for (let times = 0; times < 3; times++) await modernCall(gateway.port, 'shop_read');
        assert.deepEqual(await seen(), [['down'], [0]]);
      } finally {
        await gateway.close();
      }
    });
});
