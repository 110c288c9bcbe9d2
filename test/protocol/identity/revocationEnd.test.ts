import assert from 'node:assert/strict';
import fc from 'fast-check';
import { revocationEnd } from '../../../src/protocol/identity/revocationEnd.js';
import { testAuthority } from '../../support/testAuthority.js';

const pem = (body: Uint8Array): string =>
  `-----BEGIN X509 CRL-----\n${Buffer.from(body).toString('base64')}\n-----END X509 CRL-----\n`;

describe('protocol/identity/revocationEnd', () => {
  it('reads when the first of the lists that OpenSSL writes runs out', async () => {
    const authority = await testAuthority();
    try {
      const old = await authority.oldRevocations();
      const good = await authority.revocations();
      assert.equal(revocationEnd(`${good}${old}`), Date.UTC(2020, 0, 2));
      const days = ((revocationEnd(good) ?? 0) - Date.now()) / 86_400_000;
      assert.ok(days > 29 && days <= 30, String(days));
    } finally {
      await authority.remove();
    }
  });

  it('knows nothing of what is none, whatever the bytes', () => {
    assert.equal(revocationEnd(''), undefined);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (body) => {
        const end = revocationEnd(pem(body));
        assert.ok(end === undefined || Number.isFinite(end));
      }),
    );
    // One whose lengths lead out of it.
    assert.equal(
      revocationEnd(pem(Uint8Array.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x30, 0x03]))),
      undefined,
    );
  });
});
