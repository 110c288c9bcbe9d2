import assert from 'node:assert/strict';
import { loginClient } from '../../support/logins.js';
import { startConsole, type ConsoleAnswer, type RunningConsole } from '../../support/startConsole.js';
import { signingKey, startIssuer, type Issuer } from '../../support/startIssuer.js';

/** A browser that keeps its cookies and goes where it is sent. */
class Browser {
  readonly cookies = new Map<string, string>();
  readonly #console: RunningConsole;

  constructor(console: RunningConsole) {
    this.#console = console;
  }

  async get(path: string): Promise<ConsoleAnswer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await this.#console.fetch(path, { headers: { cookie } });
    for (const header of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
      if (header.includes('Max-Age=0')) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  /** Goes to the provider and gets as far as the way back. @returns its path and query */
  async away(person: string): Promise<string> {
    const { status, headers } = await this.get('/sign-in/oidc');
    assert.equal(status, 303);
    const answer = await fetch(headers.get('location') ?? '', {
      redirect: 'manual',
      headers: { cookie: `person=${person}` },
    });
    const back = new URL(answer.headers.get('location') ?? '');
    return back.pathname + back.search;
  }
}

describe('console: sign-in with an account', function () {
  this.timeout(20_000);
  let issuer: Issuer;
  let console: RunningConsole;
  before(async () => {
    issuer = await startIssuer('/realms/work');
    console = await startConsole('servers: {}', {
      admin: `, oidc: { issuer: '${issuer.url}', name: Work, client_id: ${loginClient.id}, client_secret: '${loginClient.secret}',
        tenant_claim: tenant, roles: { claim: realm_access.roles, admin: [ops], viewer: [staff, local], all_tenants: [ops, staff] } }`,
    });
  });
  after(async () => {
    await console.close();
    await issuer.close();
  });
  beforeEach(() => {
    issuer.login.claims = { preferred_username: 'ann', realm_access: { roles: ['x', 'ops'] } };
    issuer.login.callback = {};
    issuer.login.key = undefined;
  });

  it('is one of the ways that strangers are told of', async () => {
    const { json } = await console.fetch('/api/v1/me');
    assert.deepEqual((json as { sign_in: unknown }).sign_in, { key: true, oidc: 'Work' });
  });

  it('goes to the provider with a challenge, a state and a nonce, and keeps what they belong to from scripts and other sites', async () => {
    const { headers } = await console.fetch('/sign-in/oidc');
    const query = new URL(headers.get('location') ?? '').searchParams;
    assert.equal(query.get('redirect_uri'), `${console.adminUrl}/sign-in/oidc/callback`);
    assert.deepEqual([query.get('code_challenge_method'), query.get('scope')], ['S256', 'openid profile']);
    for (const name of ['state', 'nonce', 'code_challenge'])
      assert.match(query.get(name) ?? '', /^[\w-]{43}$/);
    assert.match(
      headers.get('set-cookie') ?? '',
      /^sluice-way-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/,
    );
  });

  const people: [string, object, object][] = [
    ['an admin', {}, { user: 'ann', roles: ['admin'] }],
    ['a viewer', { realm_access: { roles: ['staff'] } }, { user: 'ann', roles: ['viewer'] }],
    ['somebody of a tenant', { tenant: 'acme' }, { user: 'ann', roles: ['admin'], tenant: 'acme' }],
    [
      'somebody without a name of that kind',
      { preferred_username: undefined },
      { user: 'bob', roles: ['admin'] },
    ],
  ];
  for (const [name, claims, expected] of people)
    it(`lets in ${name}`, async () => {
      issuer.login.claims = { ...issuer.login.claims, ...claims };
      const browser = new Browser(console);
      const { status, headers } = await browser.get(await browser.away('bob'));
      assert.deepEqual([status, headers.get('location')], [303, '/']);
      assert.equal([...browser.cookies.keys()].filter((each) => each.includes('way')).length, 0);
      const me = (await browser.get('/api/v1/me')).json as { csrf: string };
      const { csrf } = me;
      assert.deepEqual(me, { ...expected, method: 'oidc', version: '0.0.0-test', csrf });
    });

  const refusals: [string, () => void, number][] = [
    ['an account without a role', () => (issuer.login.claims = { realm_access: { roles: ['guest'] } }), 403],
    [
      'an account that names no tenant and may not see all',
      () =>
        (issuer.login.claims = {
          ...issuer.login.claims,
          tenant: undefined,
          realm_access: { roles: ['local'] },
        }),
      403,
    ],
    [
      'a tenant that is no name',
      () => (issuer.login.claims = { ...issuer.login.claims, tenant: ['acme'] }),
      403,
    ],
    [
      'the token of another sign-in',
      () => (issuer.login.claims = { ...issuer.login.claims, nonce: 'another' }),
      401,
    ],
    [
      'a token for another application',
      () => (issuer.login.claims = { ...issuer.login.claims, aud: 'other' }),
      401,
    ],
    ['a token that has run out', () => (issuer.login.claims = { ...issuer.login.claims, exp: 1 }), 401],
    ['an answer of another issuer', () => (issuer.login.callback = { iss: 'https://evil.example' }), 401],
    ['an answer without a code', () => (issuer.login.callback = { code: null, error: 'access_denied' }), 401],
    ['a code that the provider does not know', () => (issuer.login.callback = { code: 'made-up' }), 401],
    ['another state', () => (issuer.login.callback = { state: 'made-up' }), 403],
  ];
  for (const [name, spoil, status] of refusals)
    it(`refuses ${name}, in words for people`, async () => {
      spoil();
      const browser = new Browser(console);
      const answer = await browser.get(await browser.away('bob'));
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
      assert.equal((await browser.get('/api/v1/me')).status, 401);
    });

  it('refuses a token that the provider has not signed', async () => {
    issuer.login.key = await signingKey();
    const browser = new Browser(console);
    assert.equal((await browser.get(await browser.away('bob'))).status, 401);
  });

  it('goes on in the browser that has begun, and once', async () => {
    const [ann, eve] = [new Browser(console), new Browser(console)];
    const back = await ann.away('bob');
    await eve.away('bob');
    assert.equal((await eve.get(back)).status, 403, 'a way of somebody else');
    assert.equal((await ann.get(back)).status, 403, 'it is used up');
    const again = await ann.away('bob');
    assert.equal((await ann.get(again)).status, 303);
    assert.equal((await ann.get(again)).status, 403);
  });

  it('sends nobody anywhere but to the provider and back to the page', async () => {
    const browser = new Browser(console);
    const back = await browser.away('bob');
    const answer = await browser.get(`${back}&redirect=https://evil.example&next=//evil.example`);
    assert.equal(answer.headers.get('location'), '/');
  });

  it('where the provider does not answer says so, and the page is there all the same', async () => {
    const alone = await startIssuer();
    const other = await startConsole('servers: {}', {
      admin: `, oidc: { issuer: '${alone.url}', client_id: a, roles: { admin: ['*'] } }`,
    });
    await alone.close();
    const answer = await other.fetch('/sign-in/oidc');
    await other.close();
    assert.ok(answer.status >= 400 && !answer.text.includes(alone.url), answer.text);
  });
});
