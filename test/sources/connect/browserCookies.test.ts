import assert from 'node:assert/strict';
import { browserCookies } from '../../../src/sources/connect/browserCookies.js';

const jarOf = (...headers: readonly string[]): { readonly cookie: string } => ({
  cookie: headers.map((header) => header.split(';')[0]).join('; '),
});

describe('connect/browserCookies', () => {
  it('can be set by nobody but this host, over https', () => {
    const { newBrowser, keepFlow, dropFlow } = browserCookies({}, true);
    for (const header of [newBrowser().header, keepFlow('state', 'sealed'), dropFlow('state')])
      assert.match(
        header,
        /^__Host-sluice-(?:browser|way\d)=[\w-]*; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=\d+$/,
      );
  });

  it('know a browser again, and what it was sent away with', () => {
    const { hash, header } = browserCookies({}, true).newBrowser();
    const found = browserCookies(
      jarOf('other=1', header, browserCookies({}, true).keepFlow('state', 'sealed')),
      true,
    );
    assert.equal(found.browser, hash);
    assert.equal(found.flow('state'), 'sealed');
    assert.notEqual(browserCookies({}, true).newBrowser().hash, hash);
  });

  it('are not those that somebody has set for plain http', () => {
    const plain = browserCookies({}, false);
    const jar = jarOf(plain.newBrowser().header, plain.keepFlow('state', 'sealed'));
    const secure = browserCookies(jar, true);
    assert.deepEqual([secure.browser, secure.flow('state')], [undefined, undefined]);
  });

  it('are few, however often a browser is sent away', () => {
    const { keepFlow } = browserCookies({}, true);
    const names = Array.from(
      { length: 64 },
      (_, index) => keepFlow(String.fromCharCode(48 + index), 'sealed').split('=')[0],
    );
    assert.equal(new Set(names).size, 4);
  });

  for (const cookie of [
    '',
    'sluice-browser',
    'sluice-browser=short',
    'sluice-browser=a b;;=;',
    `${'x'.repeat(9000)}=1`,
  ])
    it(`nothing is made of ${JSON.stringify(cookie.slice(0, 30))}`, () => {
      const { browser, flow } = browserCookies({ cookie }, false);
      assert.deepEqual([browser, flow('state')], [undefined, undefined]);
    });
});
