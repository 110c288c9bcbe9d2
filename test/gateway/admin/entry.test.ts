import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { NEVER } from 'rxjs';
import { loadSettings } from '../../../src/config/load.js';
import { adminSide } from '../../../src/gateway/admin/adminSide.js';
import { constant } from '../../../src/streams/latest.js';
import { silent, type Log } from '../../../src/streams/log.js';
import { ask } from '../../support/ask.js';
import { adminKey, startConsole, type RunningConsole } from '../../support/startConsole.js';

const errorOf = ({ json }: { json: unknown }) => (json as { error: { code: string; message: string } }).error;

describe('gateway/admin: who comes in', function () {
  this.timeout(20_000);
  const lines: unknown[] = [];
  const write = (...line: unknown[]): void => void lines.push(line);
  const log: Log = { debug: write, info: write, warn: write, error: write };
  let console: RunningConsole;
  before(async () => {
    console = await startConsole('servers: {}', {
      log,
      admin: ', keys: [{ name: eve, key: a-key-that-may-look-only, role: viewer, tenant: acme }]',
    });
  });
  after(() => console.close());

  it('says of itself to a stranger only how to sign in', async () => {
    const answer = await console.fetch('/api/v1/me');
    assert.equal(answer.status, 401);
    assert.equal(errorOf(answer).code, 'ERR_UNAUTHENTICATED');
    assert.deepEqual((answer.json as { sign_in: unknown }).sign_in, { key: true, oidc: null });
  });

  it('does not tell a stranger which paths there are', async () => {
    for (const path of ['/api/v1/calls', '/api/v1/nothing', '/api/v1/'])
      assert.equal((await console.fetch(path)).status, 401);
  });

  it('lets in a browser by a key, and takes nothing from it but its cookie and token', async () => {
    const browser = await console.browser(adminKey);
    const me = await browser('GET', '/me');
    assert.deepEqual(me.json, {
      user: 'admin',
      roles: ['admin'],
      csrf: browser.csrf,
      method: 'key',
      version: '0.0.0-test',
    });
    const { headers } = await console.fetch('/api/v1/sign-in', {
      method: 'POST',
      headers: { origin: console.adminUrl, 'content-type': 'application/json' },
      body: JSON.stringify({ key: adminKey }),
    });
    assert.match(
      headers.get('set-cookie') ?? '',
      /^sluice-console-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    assert.equal(headers.get('cache-control'), 'no-store');
  });

  it('lets in a program by a key, without cookie and token', async () => {
    const answer = await console.program('a-key-that-may-look-only')('GET', '/me');
    assert.deepEqual(answer.json, {
      user: 'eve',
      tenant: 'acme',
      roles: ['viewer'],
      method: 'key',
      version: '0.0.0-test',
    });
    assert.equal(answer.headers.get('set-cookie'), null);
  });

  it('signs out, once and for all', async () => {
    const browser = await console.browser(adminKey);
    const answer = await browser('POST', '/sign-out');
    assert.equal(answer.status, 204);
    assert.match(answer.headers.get('set-cookie') ?? '', /=; .*Max-Age=0/);
    assert.equal((await browser('GET', '/me')).status, 401);
  });

  it('never goes on with an id that a browser brought: each sign-in makes one, and ends the one before', async () => {
    const before = await console.browser(adminKey);
    const planted = before.cookie.replace(/=.*/, '=planted');
    const signIn = (cookie: string) =>
      console.fetch('/api/v1/sign-in', {
        method: 'POST',
        headers: { origin: console.adminUrl, cookie, 'content-type': 'application/json' },
        body: JSON.stringify({ key: adminKey }),
      });
    assert.doesNotMatch((await signIn(planted)).headers.get('set-cookie') ?? '', /planted/);
    assert.equal((await console.fetch('/api/v1/me', { headers: { cookie: planted } })).status, 401);
    await signIn(before.cookie);
    assert.equal((await before('GET', '/me')).status, 401);
  });

  it('believes neither of two cookies of one name', async () => {
    const { cookie } = await console.browser(adminKey);
    const headers = { cookie: `${cookie}; ${cookie.replace(/=.*/, '=planted')}` };
    assert.equal((await console.fetch('/api/v1/me', { headers })).status, 401);
  });

  const crossSite: [string, Readonly<Record<string, string>>, string][] = [
    ['no token', { origin: 'own' }, 'ERR_CSRF'],
    ['a wrong token', { origin: 'own', 'x-csrf-token': 'x' }, 'ERR_CSRF'],
    ['no word of where it comes from', { 'x-csrf-token': 'right' }, 'ERR_ORIGIN_FORBIDDEN'],
    ['a page elsewhere', { origin: 'https://evil.example', 'x-csrf-token': 'right' }, 'ERR_ORIGIN_FORBIDDEN'],
    [
      'a page on another port',
      { origin: 'http://127.0.0.1:3000', 'x-csrf-token': 'right' },
      'ERR_ORIGIN_FORBIDDEN',
    ],
    ['a sandboxed page', { origin: 'null', 'x-csrf-token': 'right' }, 'ERR_ORIGIN_FORBIDDEN'],
    [
      'a page of this site',
      { 'sec-fetch-site': 'same-site', 'x-csrf-token': 'right' },
      'ERR_ORIGIN_FORBIDDEN',
    ],
  ];
  for (const [name, headers, code] of crossSite)
    it(`refuses what changes something from ${name}`, async () => {
      const browser = await console.browser(adminKey);
      const words: Readonly<Record<string, string>> = { own: console.adminUrl, right: browser.csrf };
      const sent = Object.fromEntries(
        Object.entries(headers).map(([key, value]) => [key, words[value] ?? value]),
      );
      const answer = await console.fetch('/api/v1/sign-out', {
        method: 'POST',
        headers: { ...sent, cookie: browser.cookie },
      });
      assert.equal(answer.status, 403);
      assert.equal(errorOf(answer).code, code);
      assert.equal((await browser('GET', '/me')).status, 200);
    });

  it('answers no page elsewhere, whatever it asks', async () => {
    const { cookie } = await console.browser(adminKey);
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'http://localhost:3000' },
    ]) {
      const answer = await console.fetch('/api/v1/me', { headers: { cookie, ...headers } });
      assert.equal(answer.status, 403);
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
    }
    assert.equal((await console.fetch('/api/v1/me', { method: 'OPTIONS', headers: { cookie } })).status, 403);
  });

  it('does not sign in whom another page sends', async () => {
    const send = (headers: Readonly<Record<string, string>>) =>
      console.fetch('/api/v1/sign-in', { method: 'POST', headers, body: JSON.stringify({ key: adminKey }) });
    assert.equal(
      (await send({ origin: 'https://evil.example', 'content-type': 'application/json' })).status,
      403,
    );
    assert.equal((await send({ origin: console.adminUrl, 'content-type': 'text/plain' })).status, 415);
  });

  it('refuses a foreign Host, as a rebinding page would have', async () => {
    const port = Number(new URL(console.adminUrl).port);
    const answer = await ask(port, { method: 'GET', path: '/api/v1/me', headers: { host: 'evil.example' } });
    assert.equal(answer.status, 403);
    assert.match(answer.body, /ERR_ORIGIN_FORBIDDEN/);
  });

  const bodies: [string, string, number][] = [
    ['too large', JSON.stringify({ key: 'x'.repeat(70_000) }), 413],
    ['no JSON', '{', 400],
    ['no object', '[]', 400],
    ['too deep', `{"key":${'['.repeat(1000)}${']'.repeat(1000)}}`, 400],
    ['no key', '{}', 400],
    ['a key that is no text', '{"key":{}}', 400],
  ];
  for (const [name, body, status] of bodies)
    it(`refuses a body that is ${name}`, async () => {
      const answer = await console.fetch('/api/v1/sign-in', {
        method: 'POST',
        headers: { origin: console.adminUrl, 'content-type': 'application/json' },
        body,
      });
      assert.equal(answer.status, status);
    });

  it('says what goes where: an unknown path, a method that is not there, a path badly encoded', async () => {
    const program = console.program(adminKey);
    assert.equal((await program('GET', '/nothing')).status, 404);
    const wrong = await program('DELETE', '/me');
    assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'GET']);
    assert.equal((await program('GET', '/%E0%A4%A')).status, 400);
  });

  it('keeps keys and cookies out of the log, and says who came', async () => {
    const { cookie } = await console.browser(adminKey);
    const text = JSON.stringify(lines);
    assert.match(text, /console_signed_in/);
    assert.ok(!text.includes(adminKey) && !text.includes(cookie.replace(/.*=/, '')));
  });

  it('slows down who guesses, and leaves in who is in', async () => {
    const browser = await console.browser(adminKey);
    const guess = console.program('not-the-right-key-at-all');
    const seen: number[] = [];
    for (let i = 0; i < 12; i++) seen.push((await guess('GET', '/me')).status);
    assert.deepEqual(seen.slice(0, 10), Array<number>(10).fill(401));
    assert.deepEqual(seen.slice(10), [429, 429]);
    const late = await console.program(adminKey)('GET', '/me');
    assert.deepEqual([late.status, late.headers.get('retry-after')], [429, '60']);
    assert.equal((await browser('GET', '/me')).status, 200);
  });
});

describe('gateway/admin: the run of a program', () => {
  const settings = (admin: string) =>
    constant(loadSettings(`admin: { port: 0${admin} }`, { file: 'x.yaml', env: {}, baseDir: '/' }));
  const serving = async (admin: string, runKey: string | undefined, use: (url: string) => Promise<void>) => {
    const side = adminSide(settings(admin), {
      log: silent,
      version: '1',
      runKey,
      health: () => assert.fail('nobody asks'),
      metrics: () => new Registry(),
      configured: settings(admin),
      insiders: {
        one: () => Promise.reject(new Error('nobody is there')),
        all: () => assert.fail('nobody asks'),
      },
      records$: NEVER,
    });
    const url = await side.listen();
    await use(url).finally(() => side.close());
  };
  const status = async (url: string, key: string) =>
    (await fetch(`${url}/api/v1/me`, { headers: { authorization: `Bearer ${key}` } })).status;

  it('without a way in: the page says how to make one, and the API is off', () =>
    serving('', undefined, async (url) => {
      const page = await fetch(`${url}/`);
      assert.equal(page.status, 200);
      assert.match(await page.text(), /admin\.oidc/);
      assert.equal(await status(url, 'whatever'), 503);
    }));

  it('has a key of its own, which lets in an admin', () =>
    serving('', 'the-key-of-this-run', async (url) => {
      assert.equal(await status(url, 'the-key-of-this-run'), 200);
      assert.equal(await status(url, ''), 401);
    }));

  it('has none where the configuration has one', () =>
    serving(', key: "a-configured-key-of-some-length"', 'the-key-of-this-run', async (url) => {
      assert.equal(await status(url, 'the-key-of-this-run'), 401);
    }));

  it('behind a proxy with TLS its cookies are bound to the host, and its own origin is that of the browser', () =>
    serving(
      ', public_url: "https://console.example", key: "a-configured-key-of-some-length"',
      undefined,
      async (url) => {
        const signIn = (origin: string) =>
          fetch(`${url}/api/v1/sign-in`, {
            method: 'POST',
            headers: { origin, 'content-type': 'application/json' },
            body: '{"key":"a-configured-key-of-some-length"}',
          });
        const answer = await signIn('https://console.example');
        assert.match(
          answer.headers.get('set-cookie') ?? '',
          /^__Host-sluice-console=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
        );
        assert.equal((await signIn('https://other.example')).status, 403);
      },
    ));
});
