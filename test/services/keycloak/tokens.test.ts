/** Tokens of Keycloak, and such as look like them: who is let in, what they may do, what the others are told. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { eventually } from '../../support/eventually.js';
import type { RawAnswer } from '../../support/parseAnswer.js';
import { claimsOf } from './claimsOf.js';
import { grant } from './grant.js';
import { keycloakFor, type Place } from './keycloakFor.js';
import { people } from './people.js';
import { startGuarded, type Guarded } from './startGuarded.js';

describe('Keycloak: tokens', function () {
  this.timeout(60_000);
  let place: Place;
  let gateway: Guarded;
  const closing: (() => Promise<void>)[] = [];

  before(async function () {
    place = await keycloakFor(this);
    gateway = await startGuarded(
      place,
      `tenants: { acme: {}, globex: { servers: [] } }
policies:
  - { servers: [crm], tools: { allowed: ['echo'] } }
  - { roles: [operator], servers: [crm] }
auth:
  scopes: { required: [mcp] }
  jwt:
    issuers: [{ issuer: "${place.keycloak.issuer('sluice')}", clock_skew: 1s, claims: { roles: realm_access.roles } }]`,
      `, tools: { update: { scopes: ['crm:write'] } }`,
    );
    closing.push(() => gateway.close());
  });
  after(() => Promise.all(closing.map((close) => close())));

  const annsToken = (scope = 'mcp') => grant(place.keycloak, { client: 'script', person: people.ann, scope });
  const machine = { client: 'nightly', secret: 'secret of nightly' };

  it('a good one is let in', async () => {
    assert.equal((await gateway.call(await annsToken())).status, 200);
  });

  /** What the challenge says besides the error. */
  const where = () =>
    `Bearer realm="sluice", resource_metadata="${new URL('/.well-known/oauth-protected-resource/mcp', gateway.url).href}", scope="mcp"`;
  const isRefused = (answer: RawAnswer, why: string): void => {
    assert.equal(answer.status, 401, answer.body);
    assert.equal(
      answer.headers['www-authenticate'],
      `${where()}, error="invalid_token", error_description="${why}"`,
    );
  };

  const refused: readonly [string, string, () => Promise<string>][] = [
    [
      'one for another resource',
      'The token is not meant for this resource',
      () => grant(place.keycloak, { client: 'elsewhere', person: people.ann }),
    ],
    [
      'one of another realm of the same Keycloak',
      'The token is of an issuer that is not accepted',
      () => grant(place.keycloak, { realm: 'other', client: 'script', person: people.eve }),
    ],
    [
      'one of another realm that says it is of this one',
      'The token is signed with a key that its issuer does not have',
      async () => {
        const theirs = await grant(place.keycloak, { realm: 'other', client: 'script', person: people.eve });
        const [header = '', , signature = ''] = theirs.split('.');
        return [header, part({ ...claimsOf(theirs), iss: place.keycloak.issuer('sluice') }), signature].join(
          '.',
        );
      },
    ],
    [
      'one without a signature (alg: none)',
      'The token is signed with an algorithm that is not accepted',
      async () => `${part({ alg: 'none', typ: 'JWT' })}.${part(claimsOf(await annsToken()))}.`,
    ],
    [
      "one that is signed with Keycloak's public key as if it were a secret (HS256)",
      'The token is signed with an algorithm that is not accepted',
      async () => {
        const { kid, pem } = await publicKey();
        const signed = `${part({ alg: 'HS256', typ: 'JWT', kid })}.${part(claimsOf(await annsToken()))}`;
        return `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`;
      },
    ],
    [
      'one whose claims were changed',
      'The token is not valid',
      async () => {
        const [header = '', , signature = ''] = (await annsToken()).split('.');
        const claims = claimsOf(await annsToken());
        return [header, part({ ...claims, realm_access: { roles: ['operator'] } }), signature].join('.');
      },
    ],
  ];

  for (const [name, why, make] of refused)
    it(`${name} is refused, and the server saw nothing`, async () => {
      const token = await make();
      const before = gateway.calls;
      isRefused(await gateway.call(token), why);
      assert.equal(gateway.calls, before);
    });

  it('one that has expired is refused, though it was good a moment ago', async () => {
    const token = await grant(place.keycloak, { client: 'brief', person: people.ann });
    let answer = await gateway.call(token);
    await eventually(10_000, 'the end of a token', async () => {
      answer = await gateway.call(token);
      return answer.status !== 200;
    });
    isRefused(answer, 'The token has expired');
    const before = gateway.calls;
    assert.equal((await gateway.call(token)).status, 401);
    assert.equal(gateway.calls, before);
  });

  it('none at all: the challenge has no error', async () => {
    const answer = await gateway.call(undefined);
    assert.equal(answer.status, 401);
    assert.equal(answer.headers['www-authenticate'], where());
  });

  it('roles decide what may be done: an analyst does not even see what an operator may use', async () => {
    const [analyst, operator] = await Promise.all([
      annsToken('mcp crm:write'),
      grant(place.keycloak, { ...machine, scope: 'crm:write' }),
    ]);
    assert.deepEqual(await gateway.tools(analyst), ['crm_echo']);
    assert.deepEqual(await gateway.tools(operator), ['crm_echo', 'crm_update']);
    const before = gateway.calls;
    const denied = await gateway.call(analyst, 'crm_update');
    assert.match(denied.body, /Unknown tool: crm_update/);
    assert.equal(gateway.calls, before);
    assert.equal((await gateway.call(operator, 'crm_update')).status, 200);
    assert.equal(gateway.calls, before + 1);
  });

  it('a machine is known by its client', async () => {
    const token = await grant(place.keycloak, machine);
    assert.equal((await gateway.call(token)).status, 200);
    assert.ok(
      gateway.lines.some(({ client_id: client, tenant }) => client === 'nightly' && tenant === 'acme'),
      'the log knows it',
    );
  });

  it('the tenant decides which servers there are', async () => {
    const token = await grant(place.keycloak, { client: 'script', person: people.bob, scope: 'mcp' });
    assert.deepEqual(await gateway.tools(token), [], 'globex has none');
  });

  it('too few scopes: the challenge names all that are needed', async () => {
    const token = await grant(place.keycloak, { ...machine });
    const before = gateway.calls;
    const answer = await gateway.call(token, 'crm_update');
    assert.equal(answer.status, 403, answer.body);
    const challenge = String(answer.headers['www-authenticate']);
    assert.match(challenge, /error="insufficient_scope"/);
    assert.match(challenge, /scope="mcp crm:write"/);
    assert.match(challenge, /resource_metadata="/);
    assert.equal(gateway.calls, before);
  });

  /** The key with which access tokens are signed. */
  const publicKey = async (): Promise<{ readonly kid: string; readonly pem: string }> => {
    const { keys } = (await place.keycloak.admin('GET', 'sluice/keys')) as {
      readonly keys: readonly {
        readonly kid: string;
        readonly algorithm: string;
        readonly status: string;
        readonly publicKey: string;
      }[];
    };
    const key = keys.find(({ algorithm, status }) => algorithm === 'RS256' && status === 'ACTIVE');
    assert.ok(key !== undefined);
    return {
      kid: key.kid,
      pem: `-----BEGIN PUBLIC KEY-----\n${key.publicKey.replace(/.{64}/g, '$&\n')}\n-----END PUBLIC KEY-----\n`,
    };
  };
});

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
