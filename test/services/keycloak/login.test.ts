/** The whole login of the official clients: from a refusal to a call, with nothing told to them but a URL. */
import assert from 'node:assert/strict';
import { Application } from './application.js';
import { claimsOf } from './claimsOf.js';
import { keycloakFor, type Place } from './keycloakFor.js';
import { LoggingIn } from './loggingIn.js';
import { people } from './people.js';
import { startGuarded, type Guarded } from './startGuarded.js';

describe('Keycloak: logging in', function () {
  this.timeout(60_000);
  let place: Place;
  let gateway: Guarded;
  const closing: (() => Promise<void>)[] = [];

  before(async function () {
    place = await keycloakFor(this);
    gateway = await startGuarded(
      place,
      `namespaces: { team: { servers: [crm] } }
tenants: { acme: {}, globex: {} }
auth:
  scopes: { required: [mcp] }
  jwt: { issuers: [{ issuer: "${place.keycloak.issuer('sluice')}" }] }`,
      `, tools: { update: { scopes: ['crm:write'] } }`,
    );
    closing.push(() => gateway.close());
  });
  after(() => Promise.all(closing.map((close) => close())));

  for (const kind of Application.kinds)
    describe(kind, () => {
      let application: Application;
      afterEach(() => application.close());

      it('finds Keycloak, registers, logs its user in, and calls a tool', async () => {
        const login = new LoggingIn(people.ann);
        application = new Application(kind, gateway.url, login);
        const { length } = gateway.lines;
        assert.equal(await application.call('crm_echo'), 'hello');

        const [authorization, ...more] = login.authorizations;
        assert.deepEqual(more, []);
        const asked = Object.fromEntries(authorization?.searchParams ?? []);
        assert.equal(asked['client_id'], login.client?.client_id);
        // The SDK 2.x asks to stay logged in where that can be asked for.
        assert.deepEqual(wordsOf(asked['scope']), ['mcp']);
        assert.equal(asked['code_challenge_method'], 'S256');
        assert.equal(asked['resource'], gateway.url);
        const claims = claimsOf(login.granted?.access_token);
        assert.equal(claims['azp'], login.client?.client_id);
        const call = gateway.lines.slice(length).find(({ tool }) => tool === 'crm_echo');
        assert.ok(call !== undefined);
        assert.ok(String(call['principal']).endsWith(` user ${String(claims['sub'])}`));
        assert.equal(call['tenant'], 'acme');
        assert.equal(call['client_id'], login.client?.client_id);
      });

      it('does so for a namespace', async () => {
        const login = new LoggingIn(people.bob);
        application = new Application(kind, `${gateway.url}/team`, login);
        assert.equal(await application.call('echo'), 'hello');
        assert.equal(login.authorizations[0]?.searchParams.get('resource'), `${gateway.url}/team`);
        assert.ok([claimsOf(login.granted?.access_token)['aud']].flat().includes(`${gateway.url}/team`));
      });

      it('renews a token that is not accepted any more without its user', async () => {
        const login = new LoggingIn(people.ann);
        application = new Application(kind, gateway.url, login);
        await application.tools();
        const { granted } = login;
        assert.ok(granted !== undefined);
        login.granted = { ...granted, access_token: `${granted.access_token}x` };
        assert.equal(await application.call('crm_echo'), 'hello');
        assert.equal(login.authorizations.length, 1);
      });

      it('asks its user for more where a tool needs more', async () => {
        // A client that is known to Keycloak: one that has registered itself may have the scopes it has asked for then, and no others.
        const login = new LoggingIn(people.ann, 'desktop');
        application = new Application(kind, gateway.url, login);
        assert.ok((await application.tools()).includes('crm_update'));
        const before = gateway.calls;
        assert.equal(await application.call('crm_update'), 'done');
        assert.equal(gateway.calls, before + 1);
        assert.deepEqual(
          login.authorizations.map(({ searchParams }) => wordsOf(searchParams.get('scope'))),
          [['mcp'], ['crm:write', 'mcp']],
        );
        assert.deepEqual(wordsOf(claimsOf(login.granted?.access_token)['scope']), ['crm:write', 'mcp']);
      });
    });
});

/** Scopes but the one to stay logged in, sorted. */
const wordsOf = (scope: unknown): readonly string[] =>
  String(scope)
    .split(' ')
    .filter((word) => word !== 'offline_access')
    .sort();
