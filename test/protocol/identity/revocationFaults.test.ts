import assert from 'node:assert/strict';
import { revocationFaults } from '../../../src/protocol/identity/revocationFaults.js';
import { testAuthority, type TestAuthority } from '../../support/testAuthority.js';

describe('protocol/identity/revocationFaults', () => {
  let [one, two]: TestAuthority[] = [];
  const lists: Record<string, string> = {};
  before(async () => {
    [one, two] = await Promise.all([testAuthority('One'), testAuthority('Two  CA')]);
    lists['good'] = await one.revocations();
    lists['old'] = await one.oldRevocations();
    lists['early'] = await one.earlyRevocations();
    lists['other'] = await two.revocations();
  });
  after(() => Promise.all([one?.remove(), two?.remove()]));

  const cases: readonly (readonly [what: string, given: string[], faults: string[]])[] = [
    ['one of each authority', ['good', 'other'], []],
    ['a good one beside one that is over', ['old', 'good', 'early', 'other'], []],
    [
      'one that is over',
      ['other', 'old'],
      [
        'outdated: The revocation list of `CN=One` in `auth.mtls.crl` has run out at 2020-01-02T00:00:00.000Z',
      ],
    ],
    [
      'one that is to come, after one that is over',
      ['old', 'early', 'other'],
      [
        'early: The revocation list of `CN=One` in `auth.mtls.crl` says nothing before 2090-01-01T00:00:00.000Z',
      ],
    ],
    ['none of one authority', ['good'], ['missing: `auth.mtls.crl` has no revocation list of `CN=Two  CA`']],
  ];
  for (const [what, given, faults] of cases)
    it(`looks at ${what}`, () => {
      const found = revocationFaults(
        `${one?.ca ?? ''}${two?.ca ?? ''}`,
        given.map((name) => lists[name]).join(''),
        Date.now(),
      );
      assert.deepEqual(
        found.map(({ kind, message }) => `${kind}: ${message}`),
        faults.map((fault) => `${fault}: no client certificate of it is accepted`),
      );
    });

  it('looks at lists of authorities in between too', () => {
    const [fault] = revocationFaults(two?.ca ?? '', `${lists['other']}${lists['old']}`, Date.now());
    assert.equal(fault?.kind, 'outdated');
  });
});
