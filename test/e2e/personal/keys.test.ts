/** Callers with API keys, who show a page that the key is theirs; and a REST service in the name of each. */
import assert from 'node:assert/strict';
import { startService, type Service } from '../../backends/rest/startService.js';
import { apiKeysFile, type ApiKeysFile } from '../../support/apiKeysFile.js';
import { callCrm, pageOf } from '../../support/asksToConnect.js';
import { PageBrowser, type Shown } from '../../support/pageBrowser.js';
import { startPersonal, type Personal } from '../../support/startPersonal.js';
import {
  startAuthorizationServer,
  type AuthorizationServer,
} from '../../support/startAuthorizationServer.js';

describe('persons with API keys', function () {
  this.timeout(30_000);
  let keys: ApiKeysFile;
  let place: Personal;
  let service: Service;
  let as: AuthorizationServer;

  before(async () => {
    keys = await apiKeysFile({ ann: undefined, eve: undefined });
    as = await startAuthorizationServer({ clients: { sluice: 'its secret' } });
    service = await startService((request, response) => {
      const token = as.lookUp(request.headers.authorization?.replace('Bearer ', '') ?? '');
      response
        .writeHead(token === undefined ? 401 : 200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ scopes: token?.scopes }));
    });
  });
  after(async () => {
    await Promise.all([keys.remove(), service.close(), as.close()]);
  });
  afterEach(() => place.close());

  const start = async (signIn: boolean, crm?: object): Promise<void> => {
    place = await startPersonal({
      config: {
        auth: {
          jwt: {
            issuers: [
              { issuer: 'https://login.example', audience: 'gateway', sign_in: { client_id: 'pages' } },
            ],
          },
          api_keys: { file: keys.path, sign_in: signIn },
        },
        ...(crm !== undefined && { servers: { crm } }),
      },
    });
  };
  const call = (user: string) => callCrm(place.port, keys.of(user));
  /** Opens the page of a link, and types in a key. */
  const type = async (browser: PageBrowser, link: string, key: string): Promise<Shown> => {
    const { page, url } = await browser.open(link);
    const [, step = ''] = /name="step" value="([^"]+)"/.exec(page) ?? [];
    assert.match(page, /Never enter a key that somebody has sent you/);
    return browser.open(new URL('/connect/key', url), new URLSearchParams({ step, key }));
  };

  it('type in the key that called, and nobody else’s', async () => {
    await start(true);
    const browser = new PageBrowser('anybody');
    const link = pageOf(await call('ann'));
    for (const wrong of [keys.of('eve')['x-api-key'], 'slk_no_key', '']) {
      const shown = await type(browser, link, wrong);
      assert.equal(shown.status, 403);
      assert.match(shown.page, /This link is not yours/);
    }
    const known = await type(browser, link, keys.of('ann')['x-api-key']);
    assert.match(known.page, /It is your key/);
    assert.equal((await browser.click(known)).status, 200);
    assert.notEqual((await call('ann')).result?.['content'], undefined);
    pageOf(await call('eve'));
    assert.doesNotMatch(place.logged(), new RegExp(keys.of('ann')['x-api-key']));
  });

  it('get no page where the configuration does not say so', async () => {
    await start(false);
    assert.match((await call('ann')).error?.message ?? '', /can not show there who it is/);
  });

  it('use a REST service in their names, whose authorization server the configuration names', async () => {
    await start(true, {
      type: 'rest',
      url: service.url,
      tools: { echo: { path: '/who' } },
      oauth: {
        grant: 'per_user',
        issuer: as.issuer,
        client_id: 'sluice',
        client_secret: 'its secret',
        scopes: ['orders.read'],
      },
    });
    const browser = new PageBrowser('anybody');
    const known = await type(browser, pageOf(await call('ann')), keys.of('ann')['x-api-key']);
    assert.match((await browser.click(known)).page, /Connected/);
    const { result } = await call('ann');
    assert.deepEqual(result?.['structuredContent'], { scopes: ['orders.read'] });
    as.revokeAccess();
    assert.deepEqual((await call('ann')).result?.['structuredContent'], { scopes: ['orders.read'] });
    pageOf(await call('eve'));
    for (const asked of [...as.authorizations, ...as.tokenRequests])
      assert.equal(asked.has('resource'), false);
  });
});
