import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ConfigError, printDiagnostic } from '../../src/config/configError.js';
import { loadSettings } from '../../src/config/load.js';
import type { Settings } from '../../src/config/settings.js';

const canary = 'hush-hush';

describe('config: secrets of servers in files', () => {
  let baseDir: string;
  before(async () => {
    baseDir = await mkdtemp(join(tmpdir(), 'sluice-secrets-'));
    for (const [name, content] of Object.entries({
      secret: `${canary}\n`,
      lines: `${canary}\n${canary}\n`,
      empty: '\n',
      pem: `-----BEGIN PRIVATE KEY-----\n${canary}\n-----END PRIVATE KEY-----\n`,
    }))
      await writeFile(join(baseDir, name), content);
  });
  after(() => rm(baseDir, { recursive: true, force: true }));

  const load = (server: object): Settings =>
    loadSettings(
      JSON.stringify({
        servers: { a: { type: 'rest', url: 'http://h', tools: { t: { path: '/' } }, ...server } },
      }),
      {
        file: 'g.yaml',
        env: { SECRET: canary },
        baseDir,
      },
    );

  it('stand in place of what they are the files of, and are watched', () => {
    const { servers, files } = load({
      header_files: { 'X-Key': 'secret' },
      oauth: {
        grant: 'client_credentials',
        issuer: 'https://as.example',
        client_id: 'a',
        client_secret_file: './secret',
      },
    });
    const [server] = servers;
    assert.ok(server?.type === 'rest');
    assert.deepEqual(server.headers, { 'x-key': canary });
    assert.equal(server.oauth?.clientSecret, canary);
    assert.deepEqual(new Set(files), new Set([join(baseDir, 'secret')]));
    const basic = load({ basic: { username: 'u', password_file: 'secret' } }).servers[0];
    assert.ok(basic?.type === 'rest');
    assert.equal(basic.headers['authorization'], `Basic ${Buffer.from(`u:${canary}`).toString('base64')}`);
  });

  const wrong: readonly (readonly [string, object, RegExp])[] = [
    ['one that is not there', { header_files: { a: 'nowhere' } }, /The file does not exist/],
    ['one of several lines', { header_files: { a: 'lines' } }, /more than one line/],
    ['an empty one', { basic: { username: 'u', password_file: 'empty' } }, /is empty/],
    [
      'two passwords',
      { basic: { username: 'u', password: '${SECRET}', password_file: 'secret' } },
      /one password/,
    ],
    ['no password', { basic: { username: 'u' } }, /one password/],
    ['a header twice', { headers: { A: canary }, header_files: { a: 'secret' } }, /header `A` is said twice/],
    [
      'two authorizations',
      { headers: { Authorization: canary }, basic: { username: 'u', password: canary } },
      /header `Authorization` is said twice/,
    ],
    [
      'a password and tokens',
      {
        basic: { username: 'u', password: canary },
        oauth: {
          grant: 'client_credentials',
          issuer: 'https://a',
          client_id: 'a',
          client_secret_file: 'secret',
        },
      },
      /`authorization` and `oauth`/,
    ],
    [
      'a secret twice',
      {
        oauth: {
          grant: 'client_credentials',
          issuer: 'https://a',
          client_id: 'a',
          client_secret: '${SECRET}',
          client_secret_file: 'secret',
        },
      },
      /`client_secret` and `client_secret_file` say the same/,
    ],
    ['a key that is none', { tls: { cert: 'pem', key: 'pem' } }, /The file can not be read/],
    ['half a certificate', { tls: { cert: 'pem' } }, /`cert` and `key` go together/],
  ];
  for (const [what, server, message] of wrong)
    it(`refuses ${what}, and shows nothing of it`, () =>
      assert.throws(
        () => load(server),
        (error) => {
          assert.ok(error instanceof ConfigError);
          assert.match(error.diagnostics.map(printDiagnostic).join('\n'), message);
          // What stands in the file itself may be shown, what came from elsewhere may not.
          const shown = JSON.stringify(server).includes(canary) ? '' : inspect(error, { depth: 10 });
          assert.equal(shown.includes(canary), false, shown);
          return true;
        },
      ));
});

describe('config: secrets of the gateway in files', () => {
  let baseDir: string;
  before(async () => {
    baseDir = await mkdtemp(join(tmpdir(), 'sluice-secrets-'));
    await writeFile(join(baseDir, 'secret'), `${canary}\n`);
    await writeFile(join(baseDir, 'key'), `${'ab'.repeat(32)}\n`);
  });
  after(() => rm(baseDir, { recursive: true, force: true }));

  const load = (config: object): Settings =>
    loadSettings(JSON.stringify(config), { file: 'g.yaml', env: {}, baseDir });
  const auth = (introspection: object) => ({
    jwt: {
      issuers: [{ issuer: 'https://i', audience: 'a', introspection: { client_id: 'g', ...introspection } }],
    },
  });

  it('stand in place of what they are the files of, and are watched', () => {
    const {
      opa,
      audit,
      auth: found,
      files,
    } = load({
      opa: { url: 'http://127.0.0.1:8181', token_file: './secret' },
      audit: { file: './audit.ndjson', key_file: './key' },
      auth: auth({ client_secret_file: './secret' }),
    });
    assert.equal(Buffer.from(opa?.token?.reveal() ?? []).toString(), canary);
    assert.equal(Buffer.from(audit?.key?.reveal() ?? []).toString('hex'), 'ab'.repeat(32));
    const secret = found?.issuers[0]?.introspection?.clientSecret.reveal() ?? [];
    assert.equal(Buffer.from(secret).toString(), canary);
    assert.deepEqual(new Set(files), new Set([join(baseDir, 'secret'), join(baseDir, 'key')]));
  });

  const wrong: readonly (readonly [string, object, RegExp])[] = [
    ['no file', { opa: { url: 'http://h', token_file: 'nowhere' } }, /The file does not exist/],
    [
      'both',
      { opa: { url: 'http://h', token: 'a', token_file: 'secret' } },
      /`token` and `token_file` say the same/,
    ],
    ['no key', { audit: { file: 'a', key_file: 'secret' } }, /holds no secret of at least 32 bytes/],
    ['no secret at all', { auth: auth({}) }, /needs a secret to ask the issuer\. Add `client_secret`/],
    [
      'a secret that is nowhere',
      { auth: auth({ client_secret_file: 'nowhere' }) },
      /The file does not exist/,
    ],
  ];
  for (const [what, config, message] of wrong)
    it(`${what} is refused without a word of what a file holds`, () =>
      assert.throws(
        () => load(config),
        (error: unknown) => {
          assert.ok(error instanceof ConfigError);
          const said = error.diagnostics.map(printDiagnostic).join('\n');
          assert.match(said, message);
          assert.ok(!said.includes(canary));
          assert.equal(error.diagnostics.length, 1, said);
          return true;
        },
      ));
});
