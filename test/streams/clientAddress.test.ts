import assert from 'node:assert/strict';
import { clientAddress } from '../../src/streams/clientAddress.js';

describe('streams/clientAddress', () => {
  const of = (trusted: readonly string[], address: string | undefined, forwarded?: string) =>
    clientAddress(trusted)({
      address,
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    });
  const proxies = ['10.0.0.0/8', '192.0.2.1', 'fd00::/8'];

  const found: [what: string, address: string | undefined, forwarded: string | undefined, client: string][] =
    [
      ['says nothing', '10.0.0.1', undefined, '10.0.0.1'],
      ['says for whom', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
      ['is seen by a socket for both families', '::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9'],
      ['stands behind another one', '10.0.0.1', '203.0.113.9, 192.0.2.1', '203.0.113.9'],
      ['was told something by its client', '10.0.0.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
      ['was told of a proxy by its client', '10.0.0.1', '198.51.100.1, 10.0.0.5, 203.0.113.9', '203.0.113.9'],
      ['has only proxies before it', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
      ['writes ports', 'fd00::1', '203.0.113.9:4711', '203.0.113.9'],
      ['writes IPv6', 'fd00::1', '"x", [2001:db8::7]:4711', '2001:db8::7'],
      ['writes nonsense', '10.0.0.1', '203.0.113.9, unknown', '10.0.0.1'],
      ['writes nothing', '10.0.0.1', '', '10.0.0.1'],
    ];
  for (const [what, address, forwarded, client] of found)
    it(`a proxy that ${what}: ${client}`, () => assert.equal(of(proxies, address, forwarded), client));

  it('nobody else is believed', () => {
    assert.equal(of(proxies, '203.0.113.5', '198.51.100.1'), '203.0.113.5');
    assert.equal(of([], '10.0.0.1', '198.51.100.1'), '10.0.0.1');
    assert.equal(of(proxies, undefined, '198.51.100.1'), undefined);
  });
});
