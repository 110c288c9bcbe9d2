import assert from 'node:assert/strict';
import { addressClass } from '../../../src/sources/network/addressClass.js';

describe('network/addressClass', () => {
  const classes = {
    public: ['8.8.8.8', '172.15.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8'],
    private: [
      '10.1.2.3',
      '172.31.255.255',
      '192.168.0.1',
      '100.64.0.1',
      'fd00::1',
      '::ffff:10.0.0.1',
      '::FFFF:a00:1',
    ],
    loopback: ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::1%lo'],
    special: [
      '0.0.0.0',
      '169.254.0.1',
      '224.0.0.1',
      '255.255.255.255',
      '::',
      '::7f00:1',
      '::ffff:0:7f00:1',
      'fe80::1',
      'fe80::1%eth0',
      '64:ff9b::a00:1',
      '2002:7f00:1::',
    ],
    metadata: [
      '169.254.169.254',
      '::ffff:169.254.169.254',
      '::ffff:a9fe:a9fe',
      '169.254.170.2',
      '168.63.129.16',
      '100.100.100.200',
      'fd00:ec2::254',
      'FD00:0EC2:0::254',
    ],
  };
  for (const [expected, addresses] of Object.entries(classes))
    it(`knows ${expected} addresses`, () =>
      assert.deepEqual(
        addresses.map((address) => [address, addressClass(address)]),
        addresses.map((address) => [address, expected]),
      ));
});
