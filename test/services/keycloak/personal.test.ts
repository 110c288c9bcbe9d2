/** Persons of Keycloak let the gateway use a server in their names: it knows who they are, and gives the tokens. */
import assert from 'node:assert/strict';
import { memoryGrants } from '../../../src/stores/memoryGrants.js';
import { loadSettings } from '../../../src/config/load.js';
import { createGateway } from '../../../src/gateway.js';
import { constant } from '../../../src/streams/latest.js';
import { silent } from '../../../src/streams/log.js';
import { ask } from '../../support/ask.js';
import { eventually } from '../../support/eventually.js';
import { responseOf } from '../../support/messagesOf.js';
import { modernRequest } from '../../support/modern.js';
import { pageOf } from '../../support/asksToConnect.js';
import { Browser } from './browser.js';
import { claimsOf } from './claimsOf.js';
import { grant } from './grant.js';
import { bobAgrees } from './bobAgrees.js';
import { keycloakFor, type Place } from './keycloakFor.js';
import { people } from './people.js';
import { startOrders, type Orders } from './startOrders.js';

describe('Keycloak: a server in the name of each person', function () {
  this.timeout(60_000);
  let place: Place;
  let orders: Orders;
  const closing: (() => Promise<void>)[] = [];

  before(async function () {
    place = await keycloakFor(this);
    orders = await startOrders(place.keycloak);
    closing.unshift(() => orders.close());
    const pages = { client_id: 'pages', client_secret: 'secret of the pages' };
    const text = JSON.stringify({
      listen: { port: place.port },
      admin: { port: 0 },
      auth: { jwt: { issuers: [{ issuer: place.keycloak.issuer('sluice'), sign_in: pages }] } },
      servers: {
        orders: { url: orders.url, oauth: { grant: 'per_user' } },
      },
    });
    const settings = loadSettings(text, { file: 'gateway.json', env: {}, baseDir: process.cwd() });
    const gateway = createGateway(constant(settings), {
      log: silent,
      version: '0.0.0-test',
      authorizing: { grants: memoryGrants(), people: memoryGrants(), consent: bobAgrees },
    });
    closing.unshift(() => gateway.close());
    await gateway.listen();
    await eventually(20_000, 'the tools of the servers', () =>
      gateway.health().servers.every(({ tools }) => tools > 0),
    );
  });
  after(async () => {
    for (const close of closing) await close();
  });

  const call = async (token: string) =>
    responseOf(
      await ask(
        place.port,
        modernRequest(
          'tools/call',
          { name: 'orders_echo', arguments: { a: 1 } },
          {
            headers: { authorization: `Bearer ${token}` },
            meta: { 'io.modelcontextprotocol/clientCapabilities': { elicitation: { url: {} } } },
          },
        ),
      ),
    );

  it('goes on only with the person who called, and sends its token', async () => {
    const [ofAnn, ofBob] = await Promise.all(
      [people.ann, people.bob].map((person) => grant(place.keycloak, { client: 'brief', person })),
    );
    const link = new URL(pageOf(await call(ofAnn ?? '')));
    const known = orders.tokens.length;
    assert.match(await new Browser(people.bob).visit(link), /This link is not yours/);
    assert.match(await new Browser(people.ann).visit(link), /<h1>Connected<\/h1>/);
    assert.deepEqual((await call(ofAnn ?? '')).result?.['content'], [{ type: 'text', text: '{"a":1}' }]);
    const [token = '', ...others] = orders.tokens.slice(known);
    assert.deepEqual(others, []);
    const { sub, aud } = claimsOf(token);
    assert.deepEqual([sub, aud], [claimsOf(ofAnn ?? '')['sub'], 'orders-api']);
    pageOf(await call(ofBob ?? ''));
  });
});
