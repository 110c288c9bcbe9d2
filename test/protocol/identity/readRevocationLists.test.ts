import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readRevocationLists } from '../../../src/protocol/identity/readRevocationLists.js';
import { testAuthority } from '../../support/testAuthority.js';

const pem = (body: Uint8Array): string =>
  `-----BEGIN X509 CRL-----\n${Buffer.from(body).toString('base64')}\n-----END X509 CRL-----\n`;

describe('protocol/identity/readRevocationLists', () => {
  it('reads of whom the lists are that OpenSSL writes, and for what time', async () => {
    const authority = await testAuthority('Test CA, No. 1');
    try {
      const [old, good, early] = [
        await authority.oldRevocations(),
        await authority.revocations(),
        await authority.earlyRevocations(),
      ];
      const lists = readRevocationLists(`${good} between\n${old}${early}`);
      assert.deepEqual(
        lists.map(({ issuer }) => issuer),
        Array(3).fill('CN=Test CA, No. 1'),
      );
      assert.deepEqual(
        lists.map((list) => list.pem),
        [good, old, early],
      );
      const [one, two, three] = lists;
      const days = ((one?.until ?? 0) - (one?.from ?? 0)) / 86_400_000;
      assert.equal(days, 30);
      assert.deepEqual([two?.from, two?.until], [Date.UTC(2020, 0, 1), Date.UTC(2020, 0, 2)]);
      // From 2050 on years are written with four digits.
      assert.deepEqual([three?.from, three?.until], [Date.UTC(2090, 0, 1), Date.UTC(2090, 0, 2)]);
    } finally {
      await authority.remove();
    }
  });

  it('knows nothing of what is none, whatever the bytes', () => {
    assert.deepEqual(readRevocationLists(''), []);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (body) => {
        for (const { from, until } of readRevocationLists(pem(body)))
          assert.ok(!Number.isNaN(from) && !Number.isNaN(until));
      }),
    );
    // One whose lengths lead out of it.
    const [broken] = readRevocationLists(
      pem(Uint8Array.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x30, 0x03])),
    );
    assert.deepEqual([broken?.issuer, broken?.from, broken?.until], ['', -Infinity, Infinity]);
  });
});
