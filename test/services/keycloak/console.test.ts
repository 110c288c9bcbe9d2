/** People of Keycloak sign in to the console, and are what their roles and attributes there say. */
import assert from 'node:assert/strict';
import { startConsole, type RunningConsole } from '../../support/startConsole.js';
import { Browser } from './browser.js';
import { keycloakFor, type Place } from './keycloakFor.js';
import { people } from './people.js';

/** A mapper that puts something into ID tokens. */
const mapper = (claim: string, kind: string, more: Readonly<Record<string, string>>) => ({
  name: claim,
  protocol: 'openid-connect',
  protocolMapper: kind,
  config: { 'claim.name': claim, 'jsonType.label': 'String', 'id.token.claim': 'true', ...more },
});

describe('Keycloak: signing in to the console', function () {
  this.timeout(60_000);
  let place: Place;
  let console: RunningConsole;

  before(async function () {
    place = await keycloakFor(this);
    const { keycloak } = place;
    const secret = 'secret of the console';
    console = await startConsole('servers: {}', {
      admin: `, oidc: { issuer: '${keycloak.issuer('sluice')}', client_id: console, client_secret: '${secret}',
        scopes: [openid], tenant_claim: tenant, roles: { admin: [operator], viewer: [analyst] } }`,
    });
    await keycloak.admin('POST', 'sluice/clients', {
      clientId: 'console',
      secret,
      redirectUris: [`${console.adminUrl}/sign-in/oidc/callback`],
      protocolMappers: [
        mapper('roles', 'oidc-usermodel-realm-role-mapper', { multivalued: 'true' }),
        mapper('preferred_username', 'oidc-usermodel-attribute-mapper', { 'user.attribute': 'username' }),
        mapper('tenant', 'oidc-usermodel-attribute-mapper', { 'user.attribute': 'tenant' }),
      ],
    });
  });
  after(() => console.close());

  for (const [name, role, tenant] of [
    ['ann', 'viewer', 'acme'],
    ['bob', 'admin', 'globex'],
  ] as const)
    it(`${name} is ${role} of ${tenant}`, async () => {
      const browser = new Browser(people[name]);
      const url = (path: string) => new URL(path, console.adminUrl);
      await browser.open(url('/sign-in/oidc'), url('/').href);
      const me = JSON.parse(await browser.visit(url('/api/v1/me'))) as Record<string, unknown>;
      assert.deepEqual([me['user'], me['roles'], me['tenant'], me['method']], [name, [role], tenant, 'oidc']);
    });
});
