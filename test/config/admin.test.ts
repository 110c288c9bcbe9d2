import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../src/config/configError.js';
import { loadSettings } from '../../src/config/load.js';

const key = 'sixteen-letters!';

describe('config: admin', () => {
  let baseDir: string;
  before(() => {
    baseDir = mkdtempSync(join(tmpdir(), 'sluice-admin-'));
    writeFileSync(join(baseDir, 'key'), `${key}\n`);
  });
  after(() => rmSync(baseDir, { recursive: true }));
  const load = (admin: string, more = '') =>
    loadSettings(`admin: ${admin}\n${more}`, { file: 'g.yaml', env: { KEY: key }, baseDir }).admin;

  it('lets nobody in unless somebody is named', () => {
    const { keys, oidc, host, port } = load('{}');
    assert.deepEqual([keys, oidc, host, port], [[], undefined, '127.0.0.1', 8081]);
  });

  it('takes a key from the file, from the environment and from a file of its own, and keeps none of it', () => {
    for (const admin of [`{ key: ${key} }`, '{ key: "${KEY}" }', '{ key_file: key }']) {
      const { keys } = load(admin);
      assert.deepEqual(
        keys.map(({ name, role }) => [name, role]),
        [['admin', 'admin']],
      );
      assert.ok(!JSON.stringify(keys).includes(key));
      assert.notEqual(Buffer.from(keys[0]?.digest.reveal() ?? []).toString(), key);
    }
  });

  it('takes keys for several, each with what it is good for', () => {
    const { keys } = load(
      `{ keys: [{ name: ops, key_file: key }, { name: eve, key: another-key-for-eve, role: viewer, tenant: acme }] }`,
    );
    assert.deepEqual(
      keys.map(({ name, role, tenant }) => [name, role, tenant]),
      [
        ['ops', 'admin', undefined],
        ['eve', 'viewer', 'acme'],
      ],
    );
  });

  it('an unused sign-in never lasts longer than a used one', () => {
    const { sessionTtlMs, sessionIdleMs } = load('{ session_ttl: 10m }');
    assert.deepEqual([sessionTtlMs, sessionIdleMs], [600_000, 600_000]);
  });

  it('an OpenID provider, with what is not said filled in', () => {
    const { oidc } = load(
      '{ oidc: { issuer: "https://id.example/realms/a", client_id: sluice, roles: { admin: [ops] } } }',
    );
    assert.deepEqual([oidc?.name, oidc?.client.clientId, oidc?.hasTenants], ['id.example', 'sluice', false]);
    assert.deepEqual(oidc?.client.scopes, ['openid', 'profile']);
    assert.deepEqual(oidc.issuer.claims, { user: 'preferred_username', tenant: 'tenant', roles: 'roles' });
    assert.deepEqual(oidc.roles, { admin: ['ops'], viewer: [] });
    assert.ok(!oidc.issuer.algorithms.some((name) => name.startsWith('HS') || name === 'none'));
  });

  const wrong: [string, string, RegExp][] = [
    ['a short key', '{ key: short }', /admin\.key.*at least 16 characters|A key needs at least 16/],
    ['a key twice', `{ key: ${key}, keys: [{ name: a, key: ${key} }] }`, /Another key is the same/],
    [
      'a name twice',
      `{ keys: [{ name: a, key: ${key} }, { name: a, key: ${key}2 }] }`,
      /Another key has that name/,
    ],
    ['no key', '{ keys: [{ name: a }] }', /The key is missing/],
    ['key and file', `{ key: ${key}, key_file: key }`, /`key` and `key_file` say the same/],
    ['a file that is not there', '{ key_file: none }', /does not exist/],
    [
      'a role that there is not',
      `{ keys: [{ name: a, key: ${key}, role: root }] }`,
      /must be one of `admin`, `viewer`/,
    ],
    [
      'nobody let in',
      '{ oidc: { issuer: "https://id.example", client_id: a, roles: {} } }',
      /Nobody would be let in/,
    ],
    ['an address for all', `{ host: 0.0.0.0, key: ${key} }`, /no loopback address/],
  ];
  for (const [name, admin, message] of wrong)
    it(`refuses ${name}, and shows no key`, () =>
      assert.throws(
        () => load(admin),
        (error: unknown) => {
          assert.ok(error instanceof ConfigError);
          assert.match(error.message, message);
          assert.ok(!error.message.includes(key));
          return true;
        },
      ));

  it('refuses a tenant that there is not', () =>
    assert.throws(
      () => load(`{ keys: [{ name: a, key: ${key}, tenant: acme }] }`, 'tenants: { beta: {} }'),
      /no tenant of that name/,
    ));
});
