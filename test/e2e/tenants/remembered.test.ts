/** What is remembered for one caller is nobody else's, whatever is asked. */
import assert from 'node:assert/strict';
import { ask } from '../../support/ask.js';
import { responseOf } from '../../support/messagesOf.js';
import { modernRequest } from '../../support/modern.js';
import { startTenants, type Credential, type Isolation, type Tenants } from './startTenants.js';

/** Everything that can be remembered, remembered. */
const cache = `
cache:
  resources/read: { ttl: 5m }
  prompts/get: { ttl: 5m }
  tools/call: { ttl: 5m, tools: ["*"] }
  tools/list: { ttl: 5m }
  prompts/list: { ttl: 5m }
  resources/list: { ttl: 5m }
  resources/templates/list: { ttl: 5m }`;

for (const isolation of ['logical', 'namespace', 'dedicated'] satisfies Isolation[])
  describe(`two tenants, ${isolation} isolation: what is remembered`, function () {
    this.timeout(30_000);
    let tenants: Tenants;
    before(async () => {
      tenants = await startTenants(isolation, cache);
    });
    after(() => tenants.close());

    /** Which server of Ann's: one of her tenant alone, where the two have none in common. */
    const server = isolation === 'dedicated' ? 'own' : 'common';
    const calls: readonly [method: string, params: (prefix: string) => Readonly<Record<string, unknown>>][] =
      [
        [
          'resources/read',
          () => ({ uri: isolation === 'dedicated' ? 'own://watched' : 'test://watched-resource' }),
        ],
        ['prompts/get', (prefix) => ({ name: `${prefix}${server}_test_simple_prompt` })],
        ['tools/call', (prefix) => ({ name: `${prefix}${server}_test_simple_text`, arguments: {} })],
      ];
    const asked = async (who: Credential, method: string, params: Readonly<Record<string, unknown>>) => {
      const { result, error } = responseOf(
        await ask(tenants.gateway.port, modernRequest(method, params, { headers: { ...who } })),
      );
      return { error, isRemembered: result?._meta?.['io.sluice/cache'] !== undefined };
    };
    const sent = (method: string): number =>
      (isolation === 'dedicated' ? tenants.own : tenants.common).seen.filter((each) => each.method === method)
        .length;

    for (const [method, params] of calls)
      it(method, async () => {
        const before = sent(method);
        const of = (who: Credential, prefix: string) => asked(who, method, params(prefix));
        assert.deepEqual(await of(tenants.ann, tenants.prefix), { error: undefined, isRemembered: false });
        const eve = await of(tenants.eve, tenants.evesPrefix);
        assert.equal(eve.isRemembered, false);
        assert.equal(eve.error === undefined, isolation !== 'dedicated');
        assert.equal(sent(method) - before, isolation === 'dedicated' ? 1 : 2);
        // The server says itself that its resources are everybody's, for a second: too short to be tested.
        if (method === 'resources/read') return;
        assert.equal((await of(tenants.ann, tenants.prefix)).isRemembered, true);
        const bea = await of(tenants.bea, tenants.prefix);
        assert.deepEqual(
          bea,
          { error: undefined, isRemembered: false },
          'nor of another one of the same tenant',
        );
        assert.equal(sent(method) - before, isolation === 'dedicated' ? 2 : 3);
      });

    for (const method of ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'])
      it(`${method}: each sees its own`, async () => {
        const seen = async (who: Credential) => {
          const { result } = responseOf(
            await ask(tenants.gateway.port, modernRequest(method, {}, { headers: { ...who } })),
          );
          assert.equal(result?.['cacheScope'], 'private');
          const [[, entries] = []] = Object.entries(result).filter(([, value]) => Array.isArray(value));
          return JSON.stringify(entries);
        };
        const [ann, eve] = [await seen(tenants.ann), await seen(tenants.eve)];
        assert.equal(await seen(tenants.ann), ann);
        assert.equal(await seen(tenants.eve), eve);
        assert.equal(eve.includes('own'), false);
      });
  });
