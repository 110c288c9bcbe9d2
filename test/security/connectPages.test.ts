/** The pages where persons let the gateway use servers in their names, and who would like to be one of them. */
import assert from 'node:assert/strict';
import { ask } from '../support/ask.js';
import { callCrm, pageOf } from '../support/asksToConnect.js';
import { responseOf } from '../support/messagesOf.js';
import { modernRequest } from '../support/modern.js';
import { PageBrowser } from '../support/pageBrowser.js';
import { startIssuer, signingKey } from '../support/startIssuer.js';
import { startPersonal, type Personal } from '../support/startPersonal.js';

describe('pages that persons open', function () {
  this.timeout(30_000);
  let place: Personal;

  before(async () => {
    place = await startPersonal({ config: { state: { keys: [Buffer.alloc(32, 7).toString('base64')] } } });
  });
  after(() => place.close());
  beforeEach(() => {
    place.issuer.login.callback = {};
    place.issuer.login.claims = {};
  });

  const bearer = async (person: string, claims = {}) => ({
    authorization: `Bearer ${await place.token(person, claims)}`,
  });
  /** The page that a person is sent to by a call of its own. */
  const linkOf = async (person: string, claims = {}) =>
    pageOf(await callCrm(place.port, await bearer(person, claims)));
  const isConnected = async (person: string, claims = {}) =>
    (await callCrm(place.port, await bearer(person, claims))).result?.['content'] !== undefined;
  const origin = () => new URL(place.url).origin;
  /** Asks the gateway for a page as no browser of ours would. */
  const raw = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
    ask(place.port, { method, path, headers });
  /** How often somebody was sent to the authorization server, besides the gateway's own grant. */
  const sent = () => place.as.authorizations.length;

  describe('security: links that were sent to somebody else', () => {
    it('who opens the link of another is told so, and nothing is connected', async () => {
      const before = sent();
      const { status, page } = await new PageBrowser('ann').connect(await linkOf('eve'));
      assert.equal(status, 403);
      assert.match(page, /This link is not yours[^]*You are signed in as ann\./);
      assert.equal(sent(), before, 'ann was not sent to the server');
      assert.deepEqual([await isConnected('eve'), await isConnected('ann')], [false, false]);
    });

    it('a page says what it is for before anything happens, and leads on in this browser only', async () => {
      const first = await new PageBrowser('dan').open(await linkOf('dan'));
      assert.match(first.page, /wants to use “crm” in your name/);
      assert.match(first.page, /somebody may have sent you a link/);
      const [, next = ''] = / href="([^"]+)"/.exec(first.page) ?? [];
      const { status, page } = await new PageBrowser('dan').open(origin() + next);
      assert.equal(status, 400);
      assert.match(page, /good no more/);
    });

    it('who was signed in by somebody else, as that one, is told as whom before anything is given away', async () => {
      // The browser is ann's, in which eve has logged in with her own account.
      const browser = new PageBrowser('eve');
      const before = sent();
      const known = await browser.click(await browser.open(await linkOf('eve')));
      assert.match(known.page, /You are signed in as eve\. Are you not\? Then close this page/);
      assert.equal(sent(), before);
    });

    it('nobody is led past that page by a link', async () => {
      const link = await linkOf('dan');
      const text = link.slice(`${origin()}/connect/`.length);
      for (const path of ['go/', 'agreed/', 'signed-in?state='])
        assert.equal((await raw(`/connect/${path}${text}`)).status, 400, path);
    });

    it('an altered, cut or made-up link is none, and says no more than an old one', async () => {
      const link = new URL(await linkOf('dan')).pathname;
      const answers = await Promise.all(
        [
          `${link}A`,
          link.slice(0, -1),
          '/connect/',
          '/connect/x',
          `${link.slice(0, 30)}B${link.slice(31)}`,
        ].map((path) => raw(path)),
      );
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([400]));
      assert.equal(new Set(answers.map(({ body }) => body)).size, 1);
    });

    it('what a browser brings back counts once, and for the browser that was sent away only', async () => {
      const browser = new PageBrowser('finn');
      const { visited, status } = await browser.connect(await linkOf('finn'));
      assert.equal(status, 200);
      const cookies = (name: string) =>
        [...(browser.cookies.get(origin()) ?? [])].filter(([key]) => key.startsWith(name));
      assert.deepEqual(cookies('sluice-way'), [], 'nothing is left of it');
      for (const back of visited.filter(({ pathname }) => /signed-in|agreed/.test(pathname)))
        for (const again of [browser, new PageBrowser('finn')])
          assert.equal((await again.open(back)).status, 400, back.pathname);
    });

    it('a replayed answer is refused with its cookie too', async () => {
      const stolen = new PageBrowser('gus');
      const page = await stolen.open(await linkOf('gus'));
      const [, next = ''] = / href="([^"]+)"/.exec(page.page) ?? [];
      const jar = [...(stolen.cookies.get(origin()) ?? [])].map((pair) => pair.join('=')).join('; ');
      const away = await raw(next, { cookie: jar });
      const way = String(away.headers['set-cookie']).split(';')[0] ?? '';
      assert.match(way, /^sluice-way\d=/);
      const back = (await new PageBrowser('gus').open(away.headers['location'] ?? '')).url;
      // No cookie: refused, and not used up by that.
      assert.equal(back.pathname, '/connect/signed-in');
      const path = back.pathname + back.search;
      assert.equal((await raw(path, { cookie: `${jar}; ${way}` })).status, 200);
      assert.equal((await raw(path, { cookie: `${jar}; ${way}` })).status, 400);
    });
  });

  describe('security: answers of issuers and authorization servers', () => {
    /** What the log says of a sign-in of a person of its own that went wrong. */
    const refusedSignIn = async (person: string): Promise<string> => {
      const before = place.logged().length;
      const [asked, { status, page }] = [sent(), await new PageBrowser(person).connect(await linkOf(person))];
      assert.ok(status >= 400, page);
      assert.equal(sent(), asked);
      assert.equal(await isConnected(person), false);
      return place.logged().slice(before);
    };

    it('the person is who the ID token says, for this sign-in and this application', async () => {
      const others: readonly [Readonly<Record<string, unknown>>, RegExp][] = [
        [{ sub: 'ann' }, /opened by somebody else/],
        [{ sub: undefined }, /named nobody/],
        [{ nonce: 'another' }, /ID token of another sign-in/],
        [{ nonce: undefined }, /ID token of another sign-in/],
        [{ aud: 'gateway' }, /not meant for/],
        [{ aud: ['sluice-pages', 'other'], azp: 'other' }, /for another application/],
        [{ azp: 'other' }, /for another application/],
        [{ iss: 'https://other.example' }, /of another issuer/],
        [{ exp: 1 }, /expired/],
      ];
      for (const [claims, why] of others) {
        place.issuer.login.claims = claims;
        assert.match(await refusedSignIn('hal'), why);
      }
    });

    it('an ID token is signed by the issuer that callers come from', async () => {
      place.issuer.login.key = await signingKey();
      assert.match(await refusedSignIn('hal'), /signed with a key|not valid/);
      place.issuer.login.key = undefined;
    });

    it('an answer is from the issuer it was sought at (mix-up)', async () => {
      const other = await startIssuer();
      try {
        for (const callback of [{ iss: other.url }, { error: 'access_denied', iss: other.url }]) {
          place.issuer.login.callback = callback;
          assert.match(await refusedSignIn('hal'), /The sign-in/);
        }
      } finally {
        await other.close();
      }
    });

    it('the answer of one place is none of another', async () => {
      const browser = new PageBrowser('ida');
      const { visited } = await browser.connect(await linkOf('ida'));
      const signedIn = visited.find(({ pathname }) => pathname === '/connect/signed-in');
      const agreed = visited.find(({ pathname }) => pathname === '/connect/agreed/crm');
      assert.ok(signedIn !== undefined && agreed !== undefined);
      for (const path of [
        `/connect/agreed/crm${signedIn.search}`,
        `/connect/signed-in${agreed.search}`,
        `/connect/agreed/other${agreed.search}`,
      ])
        assert.equal((await raw(path)).status, 400, path);
    });

    it('the code of somebody else brings nothing (code injection)', async () => {
      // Eve's code, from a way of her own that she did not finish.
      const codes: string[] = [];
      const eve = new PageBrowser('eve');
      const jay = new PageBrowser('jay');
      const stop = async (browser: PageBrowser, person: string) => {
        const first = await browser.open(await linkOf(person));
        const [, next = ''] = / href="([^"]+)"/.exec(first.page) ?? [];
        const jar = () => [...(browser.cookies.get(origin()) ?? [])].map((pair) => pair.join('=')).join('; ');
        const keep = (set: unknown) =>
          browser.cookies.get(origin())?.set(...(String(set).split(';')[0]?.split('=') as [string, string]));
        let answer = await raw(next, { cookie: jar() });
        keep([answer.headers['set-cookie']].flat().at(-1));
        const login = await fetch(answer.headers['location'] ?? '', {
          redirect: 'manual',
          headers: { cookie: `person=${person}` },
        });
        const back = new URL(login.headers.get('location') ?? '');
        const known = await raw(back.pathname + back.search, { cookie: jar() });
        const [, on = ''] = / href="([^"]+)"/.exec(known.body) ?? [];
        answer = await raw(on, { cookie: jar() });
        assert.equal(answer.status, 302, answer.body);
        const ways = String(answer.headers['set-cookie']).split(/, (?=sluice)/);
        keep(ways.at(-1));
        const consent = await fetch(answer.headers['location'] ?? '', { redirect: 'manual' });
        return new URL(consent.headers.get('location') ?? '');
      };
      const ofEve = await stop(eve, 'eve');
      codes.push(ofEve.searchParams.get('code') ?? '');
      const ofJay = await stop(jay, 'jay');
      ofJay.searchParams.set('code', codes[0] ?? '');
      const { status, page } = await jay.open(ofJay);
      assert.equal(status, 403, page);
      assert.match(page, /Not connected/);
      assert.equal(await isConnected('jay'), false);
    });
  });

  describe('security: what pages are made of', () => {
    it('names from elsewhere are text, and the page runs and loads nothing', async () => {
      const client = '<script>alert(1)</script>"\'\u202e';
      const { page, headers } = await new PageBrowser('kim').open(await linkOf('kim', { client_id: client }));
      assert.ok(page.includes('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;'));
      assert.doesNotMatch(page, /<script|\u202e/);
      assert.match(
        headers.get('content-security-policy') ?? '',
        /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
      );
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.equal(headers.get('referrer-policy'), 'same-origin');
      assert.equal(headers.get('x-frame-options'), 'DENY');
      assert.doesNotMatch(page, /kim/, 'whose it is, it does not tell');
    });

    it('its cookies are for itself, and no script reads them', async () => {
      const { headers } = await new PageBrowser('kim').open(await linkOf('kim'));
      for (const cookie of headers.getSetCookie())
        assert.match(cookie, /^sluice-browser=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/);
    });

    it('leads nowhere that was named in its URL, and writes no header that was', async () => {
      const link = new URL(await linkOf('kim')).pathname;
      const steps = [
        '?next=https://evil.example',
        '?redirect_uri=//evil.example',
        '?url=%0d%0aset-cookie:a=b',
        '%0d%0alocation:https://evil.example',
      ];
      for (const step of steps) {
        const answer = await raw(link + step);
        assert.equal(answer.headers['location'], undefined, step);
        assert.doesNotMatch(JSON.stringify(answer), /evil\.example|a=b/, step);
      }
      const back = await raw('/connect/agreed/crm%0d%0alocation:https:%2f%2fevil.example?state=x&code=y');
      assert.deepEqual([back.status, back.headers['location']], [400, undefined]);
    });

    it('is there for the names of the gateway, for reading, and for forms of its own', async () => {
      const link = new URL(await linkOf('kim')).pathname;
      assert.equal((await raw(link, { host: 'evil.example' })).status, 403);
      assert.equal((await raw(link, {}, 'POST')).status, 405);
      assert.equal((await raw('/connect/key')).status, 405);
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      assert.equal(
        (await raw('/connect/key', { ...form, origin: 'https://evil.example' }, 'POST')).status,
        403,
      );
      assert.equal((await raw('/connect/key', { ...form, origin: 'null' }, 'POST')).status, 403);
      assert.equal((await raw('/connect/key', form, 'POST')).status, 400);
      assert.equal((await raw('/connect/key', { 'content-type': 'text/plain' }, 'POST')).status, 415);
    });
  });

  describe('security: grants of others', () => {
    it('who works for two tenants agrees in each', async () => {
      const [acme, bank] = [{ tenant: 'acme' }, { tenant: 'bank' }];
      const { status, page } = await new PageBrowser('lea').connect(await linkOf('lea', acme));
      assert.equal(status, 200, page);
      assert.equal(await isConnected('lea', acme), true);
      assert.deepEqual([await isConnected('lea', bank), await isConnected('lea')], [false, false]);
    });

    it('who acts for a person has no use of what the person has agreed to for itself', async () => {
      await new PageBrowser('max').connect(await linkOf('max'));
      assert.equal(await isConnected('max'), true);
      assert.equal(await isConnected('max', { act: { sub: 'agent' } }), false);
    });

    it('the state of a round is its caller’s', async () => {
      const { result } = await callCrm(place.port, await bearer('ned'));
      const round = {
        requestState: result?.['requestState'],
        inputResponses: { 'sluice-connect': { action: 'accept' } },
      };
      const { error } = await callCrm(place.port, await bearer('oli'), round);
      assert.equal(error?.code, -32602);
    });
  });

  it('neither links nor tokens nor codes are in the log', async () => {
    const unable = modernRequest(
      'tools/call',
      { name: 'crm_echo', arguments: {} },
      { headers: await bearer('pia') },
    );
    const { error } = responseOf(await ask(place.port, unable));
    assert.deepEqual(
      [error?.code, error?.data],
      [-32021, { requiredCapabilities: { elicitation: { url: {} } } }],
    );
    const [link = ''] = /http\S+/.exec(error?.message ?? '') ?? [];
    const { visited } = await new PageBrowser('pia').connect(link);
    const logged = place.logged();
    for (const secret of [
      ...place.as.secrets,
      new URL(link).pathname,
      ...visited.flatMap(({ searchParams }) =>
        [...searchParams.values()].filter((value) => value.length > 40 && !value.startsWith('http')),
      ),
    ])
      assert.ok(!logged.includes(secret), secret.slice(0, 12));
    assert.match(logged, /A person has authorized the gateway/);
  });
});
