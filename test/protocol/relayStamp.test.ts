import assert from 'node:assert/strict';
import { relayStamps, type Relayed, type Stamped } from '../../src/protocol/relayStamp.js';

const secret = (fill: number): Uint8Array<ArrayBuffer> => new Uint8Array(32).fill(fill);
const certificate = {
  accepted: true,
  subjectAltName: 'URI:spiffe://acme/ci, DNS:ci.acme',
  subject: 'CN=ci\nO=Ac\u00e9me.org',
  thumbprint: 'x'.repeat(43),
};
const relayed: Relayed = { from: 'one', to: 'other', address: '10.0.0.7', certificate };
const request: Stamped = { method: 'POST', url: '/mcp/shop', sessionId: 'abc' };

describe('protocol/relayStamp', () => {
  let now = 1_700_000_000_000;
  const stamps = relayStamps([secret(1)], () => now);
  const stamp = stamps.make(relayed, request);

  for (const address of ['10.0.0.7', '::1', 'fe80::1%eth0', undefined])
    it(`says who relays to whom, and for whom: ${address}`, () =>
      assert.deepEqual(stamps.check(stamps.make({ ...relayed, address }, request), request), {
        ...relayed,
        address,
      }));

  it('says that the client has shown no certificate', () =>
    assert.equal(
      stamps.check(stamps.make({ ...relayed, certificate: undefined }, request), request)?.certificate,
      undefined,
    ));

  for (const [part, other] of Object.entries({
    method: 'GET',
    url: '/mcp',
    sessionId: 'abd',
  }))
    it(`is worth nothing on a request with another ${part}`, () =>
      assert.equal(stamps.check(stamp, { ...request, [part]: other }), undefined));

  it('is worth nothing with a part that was changed', () => {
    const parts = stamp.split('.');
    for (const index of parts.keys()) {
      const forged = parts.map((part, at) => (at === index ? `${part}A` : part)).join('.');
      assert.equal(stamps.check(forged, request), undefined, forged);
    }
  });

  for (const junk of [
    '',
    '.',
    '....',
    'one.other.x.y',
    `${stamp}.`,
    `.${stamp}`,
    'a.b.c.d.e.f',
    '\u0000',
    'ä'.repeat(9999),
  ])
    it(`is none: ${JSON.stringify(junk.slice(0, 20))}`, () =>
      assert.equal(stamps.check(junk, request), undefined));

  it('ends after a minute, and does not begin before its time by more', () => {
    const at = now;
    for (const [ms, holds] of [
      [60_000, true],
      [60_001, false],
      [-60_000, true],
      [-60_001, false],
    ] as const) {
      now = at + ms;
      assert.equal(stamps.check(stamp, request) !== undefined, holds, `${ms} ms later`);
    }
    now = at;
  });

  it('is checked with all secrets, and made with the newest', () => {
    const rotated = relayStamps([secret(2), secret(1)], () => now);
    assert.ok(rotated.check(stamp, request));
    assert.equal(stamps.check(rotated.make(relayed, request), request), undefined);
    assert.ok(relayStamps([secret(2)], () => now).check(rotated.make(relayed, request), request));
  });
});
