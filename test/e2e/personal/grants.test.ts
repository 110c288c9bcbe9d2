/** How long what a person has agreed to holds, and who shares it. */
import assert from 'node:assert/strict';
import { storesOf } from '../../../src/gateway/stores.js';
import type { Stores } from '../../../src/gateway/stores.js';
import { memoryCounters } from '../../../src/stores/memoryCounters.js';
import { callCrm, pageOf } from '../../support/asksToConnect.js';
import { PageBrowser } from '../../support/pageBrowser.js';
import { startPersonal, type Personal, type PersonalOptions } from '../../support/startPersonal.js';

const keys = { state: { keys: [Buffer.alloc(32, 9).toString('base64')] } };

describe('what a person has agreed to', function () {
  this.timeout(30_000);
  let place: Personal;
  afterEach(() => place.close());

  const start = async (options: PersonalOptions = {}): Promise<void> => {
    place = await startPersonal(options);
  };
  const call = async (person: string, { port = place.port, claims = {}, round = {} } = {}) =>
    callCrm(port, { authorization: `Bearer ${await place.token(person, claims)}` }, round);
  const connect = async (person: string): Promise<void> => {
    const { status, page } = await new PageBrowser(person).connect(pageOf(await call(person)));
    assert.equal(status, 200, page);
  };
  const isDone = ({ result }: Awaited<ReturnType<typeof call>>): boolean => result?.['content'] !== undefined;
  const refreshed = (): number =>
    place.as.requests.filter((each) => each === 'POST /token refresh_token').length;

  it('is renewed without asking again', async () => {
    await start();
    await connect('ann');
    place.as.revokeAccess();
    const before = refreshed();
    assert.ok(isDone(await call('ann')));
    assert.equal(refreshed() - before, 1);
  });

  it('is asked for again when it was revoked, and then the new one is used', async () => {
    await start();
    await connect('ann');
    assert.ok(isDone(await call('ann')));
    place.as.revokeAccess();
    place.as.revokeRefresh();
    const asked = await call('ann');
    pageOf(asked);
    pageOf(await call('ann'));
    await new PageBrowser('ann').connect(pageOf(asked));
    assert.ok(isDone(await call('ann')));
  });

  it('is asked for more where a call needs it, naming that', async () => {
    await start({ guard: { scopesFor: (method) => (method === 'tools/call' ? ['crm.write'] : []) } });
    await connect('ann');
    const asked = pageOf(await call('ann'));
    const first = await new PageBrowser('ann').open(asked);
    assert.match(first.page, /It needs to be allowed: [^<]*crm\.write/);
    assert.equal((await new PageBrowser('ann').connect(asked)).status, 200);
    assert.ok(isDone(await call('ann')));
  });

  it('a person who says no is not asked until it calls again', async () => {
    await start();
    const { result } = await call('ann');
    const round = {
      requestState: result?.['requestState'],
      inputResponses: { 'sluice-connect': { action: 'decline' } },
    };
    const { error } = await call('ann', { round });
    assert.match(error?.message ?? '', /did not agree/);
    pageOf(await call('ann'));
  });

  it('a login that says no leaves things as they were', async () => {
    const callback: Record<string, string | null> = {};
    await start({ as: { callback } });
    Object.assign(callback, { code: null, error: 'access_denied' });
    const { status, page } = await new PageBrowser('ann').connect(pageOf(await call('ann')));
    assert.equal(status, 403);
    assert.match(page, /have not agreed/);
    pageOf(await call('ann'));
  });

  it('a server with more scopes than a browser can carry is not connected, and the log says what to do', async () => {
    const scopes = Array.from({ length: 400 }, (_, index) => `scope.number.${index}`);
    await start({ guard: { metadata: { scopes_supported: scopes } } });
    const { status, page } = await new PageBrowser('ann').connect(pageOf(await call('ann')));
    assert.equal(status, 502);
    assert.match(page, /finds the reason in its log/);
    assert.match(place.logged(), /more scopes than a browser can carry: name some in `scopes`/);
  });

  it('who can not show at a browser who it is, is told so, and gets no page', async () => {
    await start();
    const { error } = await call('robot', { claims: { sub: undefined, client_id: 'robot' } });
    assert.equal(error?.code, -32603);
    assert.match(error.message, /can not show there who it is: log in with a token of an issuer/);
  });

  it('is of whom the issuer knows as that one, whatever the gateway calls its users by', async () => {
    await start({ issuer: { claims: { user: 'email' } } });
    const claims = { email: 'team@example.com' };
    await new PageBrowser('ann').connect(pageOf(await call('ann', { claims })));
    assert.ok(isDone(await call('ann', { claims })));
    const anns = new Set(place.shown);
    const link = pageOf(await call('eve', { claims }));
    const { status, page } = await new PageBrowser('eve').connect(link);
    assert.equal(status, 200, page);
    assert.ok(isDone(await call('eve', { claims })));
    assert.ok(!anns.has(place.shown.at(-1) ?? ''));
  });

  it('a client that asks at the authorization server has one registration for all persons', async () => {
    await start();
    for (const person of ['ann', 'bob', 'cleo']) await connect(person);
    const own = 1;
    assert.equal(place.as.requests.filter((each) => each === 'POST /register').length, 1 + own);
  });

  it('holds at every instance that shares the grants; a page may be opened at any', async () => {
    const counters = memoryCounters({ maxKeys: 1000 });
    const sharing = (...given: Parameters<typeof storesOf>): Stores => ({ ...storesOf(...given), counters });
    await start({ config: keys });
    const other = await place.another({ storesOf: sharing });
    const third = await place.another({ storesOf: sharing });
    const [here, there] = [other, third].map(({ url }) => Number(new URL(url).port));
    // The link leads to where it was made; a balancer may lead it elsewhere.
    const link = new URL(pageOf(await call('ann', { port: here })));
    link.port = String(there);
    assert.equal((await new PageBrowser('ann').connect(link)).status, 200);
    assert.ok(isDone(await call('ann', { port: here })));

    place.as.revokeAccess();
    const before = refreshed();
    const many = await Promise.all(
      [here, there, here, there].map((port, index) =>
        call('ann', { port, claims: { client_id: `client ${index}` } }),
      ),
    );
    assert.deepEqual(many.map(isDone), [true, true, true, true]);
    assert.equal(refreshed() - before, 1, 'one refresh token is used once, whoever needs it');
    counters.close();
  });
});
