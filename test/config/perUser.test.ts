import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../src/config/configError.js';
import { loadSettings } from '../../src/config/load.js';

const load = (config: object, baseDir = '/etc/sluice') =>
  loadSettings(JSON.stringify(config), { file: 'gateway.yaml', env: {}, baseDir });
const issuer = { issuer: 'https://login.example', audience: 'gateway' };
const signIn = { client_id: 'pages', client_secret: 'hush-hush' };
const auth = { jwt: { issuers: [{ ...issuer, sign_in: signIn }] } };
const crm = { url: 'https://crm.example/mcp', oauth: { grant: 'per_user' } };
const servers = { crm };

describe('config: servers in the name of each person', () => {
  it('has a client at the issuer where persons sign in', () => {
    const { auth: loaded, servers: all } = load({ auth, servers });
    const [first] = loaded?.issuers ?? [];
    assert.equal(first?.signIn?.clientId, 'pages');
    assert.equal(Buffer.from(first.signIn.clientSecret?.reveal() ?? []).toString(), 'hush-hush');
    assert.equal(loaded?.apiKeySignIn, false);
    const [server] = all;
    assert.equal(server?.type === 'mcp' && server.oauth?.grant, 'per_user');
  });

  it('reads its secret from a file, and shows it nowhere', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-sign-in-'));
    try {
      await writeFile(join(folder, 'secret'), 'from a file\n');
      const sign_in = { client_id: 'pages', client_secret_file: 'secret' };
      const settings = load({ auth: { jwt: { issuers: [{ ...issuer, sign_in }] } }, servers }, folder);
      const secret = settings.auth?.issuers[0]?.signIn?.clientSecret;
      assert.equal(Buffer.from(secret?.reveal() ?? []).toString(), 'from a file');
      assert.ok(!JSON.stringify(settings).includes('from a file'));
      assert.ok(settings.files.includes(join(folder, 'secret')), 'it is looked at again when it changes');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  const open = { host: '0.0.0.0' };
  const refused: readonly (readonly [string, object, RegExp])[] = [
    ['no way to show who one is', { servers }, /no way to.* Give an issuer.* a `sign_in`/],
    ['an issuer without a sign-in', { auth: { jwt: { issuers: [issuer] } }, servers }, /a `sign_in`/],
    ['pages that nobody finds', { auth, servers, listen: open }, /Write `listen.public_url: https:/],
    ['pages in clear text', { auth, servers, listen: { public_url: 'http://gw.example' } }, /only `https`/],
    [
      'an endpoint where the pages are',
      { auth, servers, listen: { path: '/connect' } },
      /Choose another path/,
    ],
    [
      'messages where the pages are',
      { auth, servers, transports: { legacy_sse: { messages_path: '/connect/messages' } } },
      /Choose another path/,
    ],
    [
      'a REST service without an authorization server',
      { auth, servers: { crm: { type: 'rest', url: 'https://x.example', tools: {}, oauth: crm.oauth } } },
      /Add `issuer`/,
    ],
    [
      'what an MCP server says itself',
      { auth, servers: { crm: { ...crm, oauth: { grant: 'per_user', resource: 'https://x.example' } } } },
      /Remove `resource`/,
    ],
    [
      'two secrets',
      {
        auth: { jwt: { issuers: [{ ...issuer, sign_in: { ...signIn, client_secret_file: 'x' } }] } },
        servers,
      },
      /Keep one of them/,
    ],
  ];
  for (const [what, config, message] of refused)
    it(`refuses ${what}`, () =>
      assert.throws(
        () => load(config),
        (error) => {
          assert.ok(error instanceof ConfigError);
          const text = error.diagnostics.map((one) => `${one.message} ${one.remedy}`).join('\n');
          assert.match(text, message);
          assert.ok(!text.includes('hush-hush'));
          return true;
        },
      ));

  for (const [what, more] of [
    ['loopback', { auth }],
    ['https', { auth, listen: { ...open, public_url: 'https://gw.example' } }],
    ['keys that may be typed in', { auth: { api_keys: { file: '/nowhere/keys.yaml', sign_in: true } } }],
  ] as const)
    it(`takes ${what}`, () => assert.equal(load({ ...more, servers }).servers.length, 1));
});
