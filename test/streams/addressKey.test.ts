import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addressKey } from '../../src/streams/addressKey.js';

describe('streams/addressKey', () => {
  const keys: [address: string, key: string][] = [
    ['10.0.0.7', '10.0.0.7'],
    ['::ffff:10.0.0.7', '10.0.0.7'],
    ['::1', '0:0:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::10.0.0.7', '64:ff9b:0:0::/64'],
    ['local', 'local'],
    ['', ''],
  ];
  for (const [address, key] of keys)
    it(`${address} is counted as ${key}`, () => assert.equal(addressKey(address), key));

  it('two addresses of one network of 64 bits are one, however they are written', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
    const four = fc.tuple(group, group, group, group);
    fc.assert(
      fc.property(four, four, four, (network, host, other) => {
        const written = [...network, ...host].join(':');
        const padded = [...network, ...other].map((part) => part.padStart(4, '0').toUpperCase()).join(':');
        assert.equal(addressKey(written), addressKey(padded));
      }),
    );
  });
});
