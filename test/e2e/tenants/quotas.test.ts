import assert from 'node:assert/strict';
import { ask } from '../../support/ask.js';
import { responseOf } from '../../support/messagesOf.js';
import { modernRequest } from '../../support/modern.js';
import { samples } from '../../support/samples.js';
import { openSession } from './speakers.js';
import { startTenants, type Credential, type Tenants } from './startTenants.js';

describe('quotas of two tenants', function () {
  this.timeout(30_000);
  let tenants: Tenants;
  beforeEach(async () => {
    tenants = await startTenants('metered', 'limits: { common_test_image_content: { rate: 1/day } }');
  });
  afterEach(() => tenants.close());

  const call = (who: Credential, name = 'common_test_simple_text') =>
    ask(tenants.gateway.port, modernRequest('tools/call', { name, arguments: {} }, { headers: { ...who } }));
  const statuses = async (who: Credential, times: number, name?: string): Promise<readonly number[]> => {
    const seen: number[] = [];
    for (let n = 0; n < times; n++) seen.push((await call(who, name)).status);
    return seen;
  };

  it('are each of all callers of a tenant together, and nothing to the other', async () => {
    const { ann, bea, eve, gateway, common } = tenants;
    assert.deepEqual(await statuses(ann, 3), [200, 200, 200]);
    const last = await call(bea);
    assert.match(String(last.headers['ratelimit']), /^"tenants\.acme\.quotas\.requests_per_day";r=0;t=\d+$/);
    const before = common.seen.length;
    for (const who of [ann, bea]) {
      const refused = await call(who);
      const { error } = responseOf(refused);
      assert.deepEqual([refused.status, error?.code], [429, 4029]);
      const { retryAfterMs, ...data } = error?.data as { retryAfterMs: number };
      assert.deepEqual(data, {
        limit: 'tenants.acme.quotas.requests_per_day',
        max: 4,
        by: 'tenant',
        remaining: 0,
      });
      assert.ok(retryAfterMs > 0 && retryAfterMs <= 86_400_000);
      // A session begun anew has nothing more.
      const session = await openSession(gateway.port, who);
      const params = { name: 'common_test_simple_text', arguments: {} };
      const anew = { headers: session, body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params } };
      assert.equal((await ask(gateway.port, anew)).status, 429);
      const list = modernRequest('tools/list', {}, { headers: { ...who } });
      assert.equal((await ask(gateway.port, list)).status, 200, 'what there is can be asked all the same');
    }
    assert.deepEqual(
      common.seen.slice(before).filter(({ method }) => method === 'tools/call'),
      [],
    );
    assert.deepEqual(await statuses(eve, 3), [200, 200, 429], 'of a month, hers');
    const refused = responseOf(await call(eve)).error?.data as { limit: string };
    assert.equal(refused.limit, 'tenants.bank.quotas.requests_per_month');
    const metrics = samples(await (await fetch(`${gateway.adminUrl}/metrics`)).text());
    const counted = (limit: string) =>
      metrics.get(`mcp_gateway_rate_limited_total{by="tenant",limit="tenants.${limit}"}`);
    assert.deepEqual(
      [counted('acme.quotas.requests_per_day'), counted('bank.quotas.requests_per_month')],
      [4, 2],
    );
  });

  it('are not used up by who is refused by another limit, or names what does not exist', async () => {
    const { ann, bea } = tenants;
    const limited = 'common_test_image_content';
    assert.deepEqual(await statuses(ann, 4, limited), [200, 429, 429, 429]);
    assert.deepEqual(await statuses(ann, 4, 'common_nothing'), [200, 200, 200, 200]);
    assert.deepEqual(await statuses(bea, 4), [200, 200, 200, 429]);
  });
});
