/** The gateway gets tokens of Keycloak for the servers behind it. */
import assert from 'node:assert/strict';
import { loadSettings } from '../../../src/config/load.js';
import { createGateway } from '../../../src/gateway.js';
import type { Gateway } from '../../../src/gateway/gateway.js';
import { memoryGrants } from '../../../src/stores/memoryGrants.js';
import { constant } from '../../../src/streams/latest.js';
import { silent } from '../../../src/streams/log.js';
import { eventually } from '../../support/eventually.js';
import { modernCall } from '../../support/modern.js';
import { bobAgrees } from './bobAgrees.js';
import { claimsOf } from './claimsOf.js';
import { keycloakFor, type Place } from './keycloakFor.js';
import { startOrders, type Orders } from './startOrders.js';

describe('Keycloak: tokens for servers', function () {
  this.timeout(60_000);
  let place: Place;
  let orders: Orders;
  const closing: (() => Promise<void>)[] = [];

  before(async function () {
    place = await keycloakFor(this);
  });
  beforeEach(async () => {
    orders = await startOrders(place.keycloak);
    closing.unshift(() => orders.close());
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  const start = async (oauth: Readonly<Record<string, unknown>>): Promise<Gateway> => {
    const text = JSON.stringify({
      listen: { port: 0 },
      admin: { port: 0 },
      servers: { orders: { url: orders.url, oauth } },
    });
    const gateway = createGateway(
      constant(loadSettings(text, { file: 'gateway.json', env: {}, baseDir: process.cwd() })),
      { log: silent, version: '0.0.0-test', authorizing: { grants: memoryGrants(), consent: bobAgrees } },
    );
    closing.unshift(() => gateway.close());
    return gateway;
  };

  /** What a client gets from `orders_echo` of a gateway, and the claims of the tokens that the server has seen. */
  const callThrough = async (oauth: Readonly<Record<string, unknown>>) => {
    const gateway = await start(oauth);
    const { url } = await gateway.listen();
    await eventually(20_000, 'the tools of the server', () => (gateway.health().servers[0]?.tools ?? 0) > 0);
    const { result } = await modernCall(Number(new URL(url).port), 'orders_echo', { a: 1 });
    return { content: result?.['content'], tokens: orders.tokens.map((token) => claimsOf(token)) };
  };
  const echoed = [{ type: 'text', text: '{"a":1}' }];

  it('as a client of its own (client credentials)', async () => {
    const { content, tokens } = await callThrough({
      grant: 'client_credentials',
      client_id: 'gateway',
      client_secret: 'secret of the gateway',
    });
    assert.deepEqual(content, echoed);
    assert.deepEqual(
      tokens.map(({ azp, aud, scope }) => ({ azp, aud, scope })),
      [{ azp: 'gateway', aud: 'orders-api', scope: 'orders' }],
    );
    assert.ok(orders.requests.includes('tools/call'));
  });

  it('in the name of a person, as a client that it has registered itself', async () => {
    const { content, tokens } = await callThrough({});
    assert.deepEqual(content, echoed);
    const bob = (await place.keycloak.admin('GET', 'sluice/users?username=bob&exact=true')) as readonly {
      readonly id: string;
    }[];
    assert.deepEqual(
      tokens.map(({ sub, aud }) => ({ sub, aud })),
      [{ sub: bob[0]?.id, aud: 'orders-api' }],
    );
  });

  it('calls nothing where Keycloak gives none, and says so', async () => {
    const gateway = await start({
      grant: 'client_credentials',
      client_id: 'gateway',
      client_secret: 'not its secret',
    });
    await gateway.listen();
    await eventually(20_000, 'the server being down', () => gateway.health().servers[0]?.status === 'down');
    const [server] = gateway.health().servers;
    assert.match(server?.reason ?? '', /was refused \(unauthorized_client\)/);
    assert.ok(!orders.requests.includes('tools/call'));
    assert.deepEqual(orders.tokens, []);
  });
});
