import assert from 'node:assert/strict';
import { firstValueFrom, isObservable } from 'rxjs';
import { loadSettings } from '../../../src/config/load.js';
import { IssuerKeys } from '../../../src/sources/identity/issuerKeys.js';
import { TokenChecker } from '../../../src/sources/identity/tokenChecker.js';
import { startIssuer, type Issuer } from '../../support/startIssuer.js';

const audience = 'gateway';

describe('sources/identity/tokenChecker: opaque tokens', () => {
  let mine: Issuer;
  let other: Issuer;
  let closing: readonly IssuerKeys[];

  before(async () => {
    [mine, other] = await Promise.all([startIssuer(), startIssuer()]);
  });
  afterEach(() => {
    for (const keys of closing) keys.close();
  });
  after(() => Promise.all([mine.close(), other.close()]));

  /** @param prefixes of the tokens of the two issuers; empty for none */
  const checker = (...prefixes: readonly [string, string]): TokenChecker => {
    const issuers = [mine, other].map(({ url }, index) => ({
      issuer: url,
      audience,
      introspection: {
        client_id: 'gateway',
        client_secret: 'it:s secret',
        ...(prefixes[index] !== '' && { token_prefix: prefixes[index] }),
      },
    }));
    const { auth } = loadSettings(JSON.stringify({ auth: { jwt: { issuers } } }), {
      file: 'g.yaml',
      env: {},
      baseDir: '.',
    });
    const all = new Map(auth?.issuers.map((each) => [each.issuer, new IssuerKeys(each, () => undefined)]));
    closing = [...all.values()];
    return new TokenChecker(auth?.issuers ?? [], ({ issuer }) => all.get(issuer) as IssuerKeys);
  };
  const check = async (token: string, by: TokenChecker): Promise<string | undefined> => {
    const found = by.check(token, audience);
    const { user } = isObservable(found) ? await firstValueFrom(found) : found;
    return user;
  };
  const asked = ({ requests }: Issuer): number =>
    requests.filter((request) => request.endsWith('/introspect')).length;

  it('are shown to the issuer that claims them, and to no other', async () => {
    const by = checker('', 'oth_');
    const before = asked(mine);
    assert.equal(await check(other.opaque(audience, { sub: 'bob' }, 'oth_'), by), 'bob');
    await assert.rejects(check('oth_made-up', by), { code: 'ERR_CREDENTIAL_INVALID' });
    assert.equal(asked(mine), before);
  });

  it('that nobody claims are shown to those that claim none', async () => {
    const by = checker('', 'oth_');
    const before = asked(other);
    assert.equal(await check(mine.opaque(audience, { sub: 'ann' }), by), 'ann');
    await assert.rejects(check('made-up', by), { code: 'ERR_CREDENTIAL_INVALID' });
    assert.equal(asked(other), before);
  });

  it('are shown to the issuer with the longest claim alone', async () => {
    const by = checker('oth_', 'oth_b');
    const before = asked(mine);
    assert.equal(await check(other.opaque(audience, { sub: 'bob' }, 'oth_b'), by), 'bob');
    assert.equal(asked(mine), before);
  });

  it('that nobody can have made cost no question', async () => {
    const by = checker('my_', 'oth_');
    const before = [asked(mine), asked(other)];
    await assert.rejects(check('made-up', by), { code: 'ERR_CREDENTIAL_INVALID' });
    assert.deepEqual([asked(mine), asked(other)], before);
  });
});
