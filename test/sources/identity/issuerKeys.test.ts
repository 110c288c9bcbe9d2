import assert from 'node:assert/strict';
import { firstValueFrom } from 'rxjs';
import type { IssuerSettings } from '../../../src/config/authSettings.js';
import { fromUnknown } from '../../../src/protocol/errors.js';
import { IssuerKeys } from '../../../src/sources/identity/issuerKeys.js';
import { eventually } from '../../support/eventually.js';
import { startIssuer } from '../../support/startIssuer.js';

describe('sources/identity/issuerKeys', () => {
  it('says that it does not know, rather than no, when too many look for keys that are not there', async () => {
    const issuer = await startIssuer();
    const settings = { issuer: issuer.url, allowedHosts: [] } as unknown as IssuerSettings;
    const keys = new IssuerKeys(settings, () => undefined);
    const { kid, alg } = issuer.key;
    await firstValueFrom(keys.find({ kid, alg }));
    const codes = await Promise.all(
      Array.from({ length: 130 }, (_, n) =>
        firstValueFrom(keys.find({ kid: `made up ${n}`, alg })).then(
          () => 'found',
          (error: unknown) => fromUnknown(error).code,
        ),
      ),
    );
    const count = (code: string) => codes.filter((each) => each === code).length;
    assert.deepEqual([count('ERR_CREDENTIAL_INVALID'), count('ERR_IDENTITY_UNAVAILABLE')], [100, 30]);
    await firstValueFrom(keys.find({ kid, alg }));
    keys.close();
    await issuer.close();
  });

  it('follows the rules of the moment for where documents may lead', async () => {
    const issuer = await startIssuer();
    const settings = { issuer: issuer.url, allowedHosts: [] } as unknown as IssuerSettings;
    let denied: readonly string[] = ['127.0.0.0/8'];
    const keys = new IssuerKeys(
      settings,
      () => undefined,
      () => ({ private: 'origin', allowed: [], denied }),
    );
    const { kid, alg } = issuer.key;
    await assert.rejects(firstValueFrom(keys.find({ kid, alg })), { code: 'ERR_IDENTITY_UNAVAILABLE' });
    assert.deepEqual(issuer.requests, []);
    denied = [];
    const found = () =>
      firstValueFrom(keys.find({ kid, alg })).then(
        () => true,
        () => false,
      );
    await eventually(5000, 'the keys', found);
    keys.close();
    await issuer.close();
  });
});
