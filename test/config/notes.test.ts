import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newApiKey } from '../../src/protocol/identity/apiKey.js';
import { testAuthority } from '../support/testAuthority.js';
import { faults, load } from './data/read.js';

describe('config: what is allowed and may surprise', () => {
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-notes-'));
    const { hashed } = newApiKey();
    writeFileSync(
      join(folder, 'keys.yaml'),
      JSON.stringify({ keys: [{ ...hashed, user: 'ann', client: 'ci-1' }] }),
    );
    writeFileSync(join(folder, 'opa'), '');
    mkdirSync(join(folder, 'policies'));
    const [one, two] = await Promise.all([testAuthority('One'), testAuthority('Two')]);
    writeFileSync(join(folder, 'ca.pem'), `${one.ca}${two.ca}`);
    writeFileSync(join(folder, 'old.pem'), await one.oldRevocations());
    writeFileSync(join(folder, 'crl.pem'), `${await one.revocations()}${await two.revocations()}`);
    await Promise.all([one.remove(), two.remove()]);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const issuer = (more: string): string =>
    `auth: { jwt: { issuers: [{ audience: a, ${more} }] } }\nservers: { a: { url: http://h } }`;
  const keys = 'auth: { api_keys: { file: ./keys.yaml } }';
  const secret = `secret: ${'s'.repeat(32)}`;

  const cases: readonly (readonly [what: string, text: string, ...notes: RegExp[]])[] = [
    [
      'a policy about a tenant where there are no tenants',
      `${keys}\npolicies:\n  - { tenant: acme }`,
      /^3:15 policies\[0\]\.tenant: there are no `tenants`: .*credential says that it is of `acme`/,
    ],
    [
      'tenants where nobody says who they are',
      'tenants: { acme: {} }',
      /^1:1 tenants: without `auth` nobody belongs to a tenant: all calls are refused/,
    ],
    [
      'an issuer by plain http',
      issuer('issuer: http://idp.example'),
      /^1:49 auth\.jwt\.issuers\[0\]\.issuer: .*plain http/,
    ],
    [
      'keys by plain http',
      issuer('issuer: https://i, jwks_uri: http://idp.example/k'),
      /jwks_uri: .*plain http/,
    ],
    [
      'introspection by plain http',
      issuer('issuer: https://i, introspection: { client_id: a, client_secret: b, url: http://idp.example }'),
      /introspection\.url: .*plain http/,
    ],
    ['an issuer on this machine', issuer('issuer: http://127.0.0.1:8080/realms/a')],
    ['an issuer of that name only', issuer(`issuer: http://idp.example, ${secret}`)],
    [
      'an order of what is not configured',
      `${keys}\n`.replace('{ api', '{ order: [mtls, api_keys, jwt], api'),
      /^1:17 auth\.order\[0\]: `mtls` is not configured/,
      /^1:33 auth\.order\[2\]: `jwt` is not configured/,
    ],
    [
      'clients that no key is of',
      `${keys}\nservers: { a: { url: http://h, allowed_clients: [ci-*, portal] } }`,
      /^2:56 servers\.a\.allowed_clients\[1\]: no key is of a client like `portal`/,
    ],
    [
      'clients that may come by a token',
      `auth: { api_keys: { file: ./keys.yaml }, jwt: { issuers: [{ issuer: https://i, audience: a }] } }\nservers: { a: { url: http://h, allowed_clients: [portal] } }`,
    ],
    [
      'no file of keys',
      'auth: { api_keys: { file: ./none.yaml } }',
      /^1:27 auth\.api_keys\.file: the file does not exist: .*sluice keys create/,
    ],
    [
      'a revocation list that has run out, and none of another authority',
      'auth: { mtls: { ca: ./ca.pem, crl: ./old.pem } }',
      /^1:36 auth\.mtls\.crl: The revocation list of `CN=One` .* has run out at 2020-01-02T/,
      /^1:36 auth\.mtls\.crl: .* has no revocation list of `CN=Two`: no client certificate of it is accepted/,
    ],
    ['revocation lists that are of use', 'auth: { mtls: { ca: ./ca.pem, crl: ./crl.pem } }'],
    ['a folder of Rego', 'opa: { rego: ./policies, program: ./opa }'],
    [
      'no folder of Rego',
      'opa: { rego: [./policies, ./none], program: ./opa }',
      /^1:27 opa\.rego\[1\]: there is no such file or folder/,
    ],
    [
      'no folder of Rego, alone',
      'opa: { rego: ./none, program: ./opa }',
      /^1:14 opa\.rego: there is no such file or folder/,
    ],
    [
      'no Rego of a server',
      'opa: { program: ./opa }\nconsul: { url: http://h }\nservers: { a: { url: http://h, opa: { rego: ./none } } }',
      /^3:45 servers\.a\.opa\.rego: there is no such/,
    ],
    [
      'no program',
      'opa: { rego: ./policies, program: ./opaa }',
      /^1:35 opa\.program: there is no such program/,
    ],
    ['no program in PATH', 'opa: { rego: ./policies }', /^1:1 opa\.program: there is no `opa` in PATH/],
    ['a program that nothing needs', 'opa: { bundle: ./b.tar.gz, program: ./opaa }'],
  ];
  for (const [what, text, ...expected] of cases)
    it(`${what}: ${expected.length === 0 ? 'nothing to say' : 'noted'}`, () => {
      const { notes = [] } = load(text, { PATH: '/nowhere' }, folder);
      const said = notes.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
      assert.equal(said.length, expected.length, said.join('\n'));
      for (const [index, line] of expected.entries()) assert.match(said[index] ?? '', line);
    });

  it('a policy about a tenant that there is not, or can not be, is refused at its place', () => {
    assert.deepEqual(faults('tenants: { acme: {} }\npolicies:\n  - tools: {}\n    tenant: acne'), [
      'g.yaml:4:13: `acne` is no tenant of this file. Did you mean `acme`?',
    ]);
    assert.deepEqual(faults('policies:\n  - tenant: nope'), [
      'g.yaml:2:13: Nobody can belong to `nope`: there are neither `tenants` nor `auth`. Add both, or remove `tenant` here.',
    ]);
  });

  it('clocks may be told to go alike', () =>
    assert.equal(
      load('auth: { jwt: { issuers: [{ issuer: https://i, audience: a, clock_skew: 0s }] } }').auth
        ?.issuers[0]?.skewMs,
      0,
    ));
});
