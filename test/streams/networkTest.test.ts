import assert from 'node:assert/strict';
import { networkTest } from '../../src/streams/networkTest.js';

describe('streams/networkTest', () => {
  const isListed = networkTest(['10.0.0.0/8', '192.0.2.7', 'fd00::/8', '2001:db8::1']);
  for (const address of ['10.1.2.3', '192.0.2.7', 'fd12::1', '2001:db8::1', '2001:DB8:0::1', 'fd00::1%eth0'])
    it(`${address} is listed`, () => assert.equal(isListed(address), true));
  it('an address of IPv4 in the dress of IPv6 is the same', () => {
    assert.equal(isListed('::ffff:10.1.2.3'), true);
    assert.equal(isListed('::ffff:192.0.2.8'), false);
  });
  for (const address of ['11.0.0.1', '192.0.2.8', '2001:db8::2', '', 'proxy.example', '10.0.0.1, 10.0.0.2'])
    it(`${address || 'nothing'} is not`, () => assert.equal(isListed(address), false));
  it('an empty list has nobody', () => assert.equal(networkTest([])('10.0.0.1'), false));
});
