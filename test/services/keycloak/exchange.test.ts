/** Servers that want to know who calls: Keycloak exchanges the tokens of callers (RFC 8693). */
import assert from 'node:assert/strict';
import { ask } from '../../support/ask.js';
import { responseOf } from '../../support/messagesOf.js';
import { modernRequest } from '../../support/modern.js';
import { startGateway, type RunningGateway } from '../../support/startGateway.js';
import { claimsOf } from './claimsOf.js';
import { grant } from './grant.js';
import { keycloakFor, type Place } from './keycloakFor.js';
import { people, type Person } from './people.js';
import { revoke } from './revoke.js';
import { startOrders, type Orders } from './startOrders.js';

describe('Keycloak: exchange of tokens', function () {
  this.timeout(60_000);
  let place: Place;
  let orders: Orders;
  let gateway: RunningGateway;
  const closing: (() => Promise<void>)[] = [];

  before(async function () {
    place = await keycloakFor(this);
    const issuer = place.keycloak.issuer('sluice');
    orders = await startOrders(place.keycloak);
    closing.unshift(() => orders.close());
    gateway = await startGateway(
      `  orders:
    url: "${orders.url}"
    oauth:
      grant: token_exchange
      issuer: "${issuer}"
      client_id: gateway
      client_secret: secret of the gateway
      audience: orders-api
      scopes: [orders]
auth: { jwt: { issuers: [{ issuer: "${issuer}" }] } }`,
      { port: place.port },
    );
    closing.unshift(() => gateway.close());
  });
  after(async () => {
    for (const close of closing) await close();
  });

  const tokenOf = (person: Person) => grant(place.keycloak, { client: 'script', person, scope: 'mcp' });
  const call = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    const parts = modernRequest('tools/call', { name: 'orders_echo', arguments: { a: 1 } }, { headers });
    return responseOf(await ask(gateway.port, { path: '/mcp', ...parts }, 20_000));
  };
  const isEchoed = ({ result }: Awaited<ReturnType<typeof call>>): void =>
    assert.deepEqual(result?.['content'], [{ type: 'text', text: '{"a":1}' }]);

  it('gives the server a token of the caller that is made for it, and one for all of its calls', async () => {
    const token = await tokenOf(people.ann);
    const before = orders.tokens.length;
    isEchoed(await call(token));
    isEchoed(await call(token));
    const seen = orders.tokens.slice(before).map((each) => claimsOf(each));
    assert.deepEqual(
      seen.map(({ sub, azp, aud }) => ({ sub, azp, aud })),
      [{ sub: claimsOf(token)['sub'], azp: 'gateway', aud: 'orders-api' }],
    );
    assert.ok(!orders.tokens.includes(token), "the caller's own token stays here");
  });

  it('does not lend it to another one', async () => {
    const token = await tokenOf(people.bob);
    const before = orders.tokens.length;
    isEchoed(await call(token));
    const [seen, ...more] = orders.tokens.slice(before).map((each) => claimsOf(each));
    assert.deepEqual(more, []);
    assert.equal(seen?.['sub'], claimsOf(token)['sub']);
  });

  it('sends nothing where Keycloak exchanges nothing', async () => {
    const nightly = { client: 'nightly', secret: 'secret of nightly' };
    const token = await grant(place.keycloak, nightly);
    await revoke(place.keycloak, nightly, token);
    const before = orders.requests.length;
    const { error } = await call(token);
    assert.match(error?.message ?? '', /The exchange of a token was refused/);
    assert.equal(orders.requests.length, before);
  });
});
