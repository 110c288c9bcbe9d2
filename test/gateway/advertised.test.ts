import assert from 'node:assert/strict';
import { advertised } from '../../src/gateway/advertised.js';
import { AdvertiseError } from '../../src/gateway/advertiseError.js';

describe('gateway/advertised', () => {
  const rows: readonly (readonly [
    listened: string,
    configured: string | undefined,
    address: string,
    isLocal: boolean,
  ])[] = [
    ['http://10.1.2.3:8080', undefined, 'http://10.1.2.3:8080', false],
    ['http://127.0.0.1:8080', undefined, 'http://127.0.0.1:8080', true],
    ['http://[::1]:8080', undefined, 'http://[::1]:8080', true],
    ['http://localhost:8080', undefined, 'http://localhost:8080', true],
    ['http://[fd00::7]:8080', undefined, 'http://[fd00::7]:8080', false],
    ['http://0.0.0.0:8080', 'http://gateway-1.gateway:8080/', 'http://gateway-1.gateway:8080', false],
    ['http://127.0.0.1:8080', 'https://gw.example/mcp', 'https://gw.example', false],
  ];
  for (const [listened, configured, address, isLocal] of rows)
    it(`gives ${address} for ${configured ?? listened}`, () =>
      assert.deepEqual(advertised(listened, configured), { address, isLocal }));

  for (const [listened, configured] of [
    ['http://0.0.0.0:8080', undefined],
    ['http://[::]:8080', undefined],
    ['http://10.1.2.3:8080', 'http://0.0.0.0:8080'],
  ] as const)
    it(`says what is missing for ${configured ?? listened}`, () =>
      assert.throws(() => advertised(listened, configured), AdvertiseError));
});
