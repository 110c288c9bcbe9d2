/** Tokens that Keycloak has taken back: found out by asking it. */
import assert from 'node:assert/strict';
import { eventually } from '../../support/eventually.js';
import { claimsOf } from './claimsOf.js';
import { grant } from './grant.js';
import { keycloakFor, type Place } from './keycloakFor.js';
import { people, type Person } from './people.js';
import { revoke } from './revoke.js';
import { startGuarded, type Guarded } from './startGuarded.js';

describe('Keycloak: introspection', function () {
  this.timeout(60_000);
  let place: Place;
  let gateway: Guarded;
  const closing: (() => Promise<void>)[] = [];

  before(async function () {
    place = await keycloakFor(this);
    gateway = await startGuarded(
      place,
      `policies:
  - { servers: [crm], tools: { allowed: ['echo'] } }
  - { roles: [operator], servers: [crm] }
auth:
  jwt:
    issuers:
      - issuer: "${place.keycloak.issuer('sluice')}"
        claims: { roles: realm_access.roles }
        introspection: { client_id: gateway, client_secret: secret of the gateway, mode: always, cache: 500ms }`,
    );
    closing.push(() => gateway.close());
  });
  after(() => Promise.all(closing.map((close) => close())));

  const annsToken = () => grant(place.keycloak, { client: 'script', person: people.ann, scope: 'mcp' });

  const takenBack: readonly [string, (token: string) => Promise<unknown>][] = [
    ['revoked (RFC 7009)', (token) => revoke(place.keycloak, { client: 'script' }, token)],
    ['logged out', (token) => place.keycloak.admin('POST', `sluice/users/${userOf(token)}/logout`)],
    [
      'of a session that an administrator ended',
      (token) => place.keycloak.admin('DELETE', `sluice/sessions/${String(claimsOf(token)['sid'])}`),
    ],
  ];

  for (const [name, takeBack] of takenBack)
    it(`one that was ${name} is refused as soon as the last answer is not believed any more`, async () => {
      const token = await annsToken();
      assert.equal((await gateway.call(token)).status, 200);
      await takeBack(token);
      let answer = await gateway.call(token);
      await eventually(10_000, 'the refusal', async () => {
        answer = await gateway.call(token);
        return answer.status !== 200;
      });
      assert.equal(answer.status, 401);
      assert.match(
        String(answer.headers['www-authenticate']),
        /error="invalid_token", error_description="The token is not valid any more"/,
      );
      const before = gateway.calls;
      assert.equal((await gateway.call(token)).status, 401);
      assert.equal(gateway.calls, before);
    });

  it('others of the same person go on', async () => {
    const [one, other] = [await annsToken(), await annsToken()];
    await place.keycloak.admin('DELETE', `sluice/sessions/${String(claimsOf(one)['sid'])}`);
    assert.equal((await gateway.call(one)).status, 401);
    assert.equal((await gateway.call(other)).status, 200);
  });

  it('a machine is let in', async () => {
    const token = await grant(place.keycloak, { client: 'nightly', secret: 'secret of nightly' });
    assert.equal((await gateway.call(token)).status, 200);
  });

  it('what a token does not say itself Keycloak says: audience, person, tenant, roles', async () => {
    const lightweight = (person: Person) => grant(place.keycloak, { client: 'light', person });
    const [anns, bobs] = await Promise.all([lightweight(people.ann), lightweight(people.bob)]);
    const { aud, tenant, realm_access: roles } = claimsOf(anns);
    assert.deepEqual({ aud, tenant, roles }, { aud: undefined, tenant: undefined, roles: undefined });
    assert.deepEqual(await gateway.tools(anns), ['crm_echo'], 'an analyst');
    assert.deepEqual(await gateway.tools(bobs), ['crm_echo', 'crm_update'], 'an operator');
    assert.equal((await gateway.call(anns)).status, 200);
    assert.ok(gateway.lines.some((line) => line['client_id'] === 'light' && line['tenant'] === 'acme'));
  });

  it('one for another resource is refused before Keycloak is asked', async () => {
    const token = await grant(place.keycloak, { client: 'elsewhere', person: people.ann });
    const answer = await gateway.call(token);
    assert.equal(answer.status, 401);
    assert.match(String(answer.headers['www-authenticate']), /not meant for this resource/);
  });
});

const userOf = (token: string): string => String(claimsOf(token)['sub']);
