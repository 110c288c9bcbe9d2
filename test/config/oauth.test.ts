import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { ConfigError } from '../../src/config/configError.js';
import { loadSettings } from '../../src/config/load.js';

const load = (server: unknown, more: object = {}, env: Record<string, string> = {}) =>
  loadSettings(JSON.stringify({ servers: { crm: server }, ...more }), {
    file: 'gateway.yaml',
    env,
    baseDir: '/etc/sluice',
  });
const url = 'https://crm.example/mcp';
const proven = { client_id: 'a', client_secret: 'hush-hush' };
const rest = { type: 'rest', tools: { a: { path: '/' } } };
const pem = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();

describe('config/oauth', () => {
  it('finds out everything where nothing is said', () => {
    const { servers, oauth } = load({ url, oauth: {} });
    const [server] = servers;
    assert.ok(server?.type === 'mcp');
    assert.deepEqual(server.oauth, { grant: 'authorization_code', allowedHosts: [] });
    assert.equal(oauth, undefined);
  });

  it('takes what is said, secrets from the environment', () => {
    const key = pem();
    const { servers, oauth } = load(
      {
        url,
        oauth: {
          grant: 'client_credentials',
          issuer: 'https://as.example',
          client_id: 'gateway',
          private_key: '${KEY}',
          token_endpoint_auth_method: 'private_key_jwt',
          scopes: ['read'],
          redirect_uri: 'http://127.0.0.1:8765/callback',
          allowed_hosts: ['keycloak'],
        },
      },
      { oauth: { state: './tokens.json' } },
      { KEY: key },
    );
    const [server] = servers;
    assert.ok(server?.type === 'mcp');
    assert.deepEqual(server.oauth, {
      grant: 'client_credentials',
      issuer: 'https://as.example',
      clientId: 'gateway',
      privateKey: key,
      tokenEndpointAuthMethod: 'private_key_jwt',
      scopes: ['read'],
      redirectUri: 'http://127.0.0.1:8765/callback',
      allowedHosts: ['keycloak'],
    });
    assert.equal(oauth?.state, '/etc/sluice/tokens.json');
  });

  it('takes the grants in the name of callers', () => {
    const oauth = {
      ...proven,
      grant: 'id_jag',
      subject_token_type: 'id_token',
      resource: 'https://crm.example/mcp',
      idp: { issuer: 'https://idp.example', client_id: 'there', client_secret: 'hush-hush' },
    };
    assert.deepEqual(load({ url, oauth }).servers.map((server) => server.type === 'mcp' && server.oauth)[0], {
      grant: 'id_jag',
      clientId: 'a',
      clientSecret: 'hush-hush',
      resource: 'https://crm.example/mcp',
      subjectTokenType: 'urn:ietf:params:oauth:token-type:id_token',
      idp: { issuer: 'https://idp.example', clientId: 'there', clientSecret: 'hush-hush' },
      allowedHosts: [],
    });
    const [rested] = load({
      ...rest,
      url,
      oauth: { ...proven, grant: 'token_exchange', issuer: url },
    }).servers;
    assert.equal(rested?.type === 'rest' && rested.oauth?.grant, 'token_exchange');
  });

  const wrong: readonly (readonly [string, object, RegExp])[] = [
    [
      'a second authorization',
      { headers: { Authorization: 'Bearer x' }, oauth: {} },
      /`Authorization` and `oauth`/,
    ],
    ['a secret of nobody', { oauth: { client_secret: 'hush-hush' } }, /`client_secret` belongs to a client/],
    [
      'a secret and a key',
      { oauth: { client_id: 'a', client_secret: 'hush-hush', private_key: pem() } },
      /a secret or a private key/,
    ],
    ['a key that is none', { oauth: { client_id: 'a', private_key: 'hush-hush' } }, /no private key/],
    ['nothing to prove with', { oauth: { grant: 'client_credentials', client_id: 'a' } }, /has to prove/],
    [
      'a document in clear text',
      { oauth: { client_metadata_url: 'http://a.example/x' } },
      /https URL with a path/,
    ],
    [
      'a document without a path',
      { oauth: { client_metadata_url: 'https://a.example' } },
      /https URL with a path/,
    ],
    ['a way back that is far away', { oauth: { redirect_uri: 'https://a.example/back' } }, /not on loopback/],
    ['an unknown grant', { oauth: { grant: 'password' } }, /grant/],
    ['a person for a REST server', { ...rest, oauth: {} }, /does not say where a person could authorize/],
    [
      'no authorization server of a REST server',
      { ...rest, oauth: { ...proven, grant: 'client_credentials' } },
      /which authorization server.* Add `issuer`/,
    ],
    ['an exchange with nobody', { oauth: { ...proven, grant: 'token_exchange' } }, /Add `issuer`/],
    ['an exchange by nobody', { oauth: { grant: 'token_exchange', issuer: url } }, /has to prove who it is/],
    [
      'an ID-JAG of nobody',
      { oauth: { ...proven, grant: 'id_jag' } },
      /`grant: id_jag` and `idp` go together/,
    ],
    [
      'an identity provider for nothing',
      { oauth: { ...proven, grant: 'client_credentials', idp: { issuer: url, client_id: 'a' } } },
      /Write `grant: id_jag`, or remove `idp`/,
    ],
    [
      'a secret and a key at the identity provider',
      {
        oauth: {
          ...proven,
          grant: 'id_jag',
          idp: { issuer: url, client_id: 'a', client_secret: 'hush-hush', private_key: pem() },
        },
      },
      /a secret or a private key/,
    ],
    ['an audience that nobody asks for', { oauth: { audience: 'x' } }, /Remove `audience`/],
    [
      'an audience for an unknown authorization server',
      { oauth: { ...proven, grant: 'client_credentials', audience: 'x' } },
      /Add `issuer`/,
    ],
  ];
  for (const [what, server, message] of wrong)
    it(`refuses ${what}`, () =>
      assert.throws(
        () => load({ url, ...server }),
        (error) => {
          assert.ok(error instanceof ConfigError);
          const text = error.diagnostics.map((one) => `${one.message} ${one.remedy}`).join('\n');
          assert.match(text, message);
          assert.ok(!text.includes('hush-hush'));
          return true;
        },
      ));
});
