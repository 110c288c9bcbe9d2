import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { limits } from '../../src/config/limits.js';
import { load } from './data/read.js';

describe('config: consul', () => {
  it('nothing is discovered unless it is asked for', () => assert.equal(load('{}').consul, undefined));

  it('an address is enough', () => {
    const { consul } = load('consul: { url: "http://127.0.0.1:8500" }');
    assert.ok(consul);
    const { balancing, ...rest } = consul;
    assert.deepEqual(rest, {
      url: 'http://127.0.0.1:8500',
      datacenters: [],
      tags: [],
      maxWatches: limits.consulWatches,
      waitMs: limits.consulWaitMs,
      signatures: 'off',
      policies: 'enforce',
      headers: {},
      timeoutMs: limits.callTimeoutMs,
      listTimeoutMs: limits.listTimeoutMs,
    });
    assert.equal(balancing?.healthCheck, undefined, 'Consul has checks of its own');
    assert.ok(balancing?.breaker);
  });

  it('takes everything that is documented', () => {
    const { consul } = load(`
timeouts: { call: 5s, list: 1s }
consul:
  url: https://consul:8501
  token: secret
  datacenters: [a, b, a]
  namespace: team
  tags: [mcp]
  namespaces: [support]
  instance: gw-1
  max_watches: 8
  wait: 30s
  signatures: enforce
  policies: ignore
  tls: { ca: ca.pem, cert: c.pem, key: k.pem, server_name: consul }
  headers: { orders: { Authorization: Bearer x } }
`);
    assert.ok(consul);
    const { balancing: _balancing, tls, ...rest } = consul;
    assert.deepEqual(rest, {
      url: 'https://consul:8501',
      token: 'secret',
      datacenters: ['a', 'b'],
      namespace: 'team',
      tags: ['mcp'],
      namespaces: ['support'],
      instance: 'gw-1',
      maxWatches: 8,
      waitMs: 30_000,
      signatures: 'enforce',
      policies: 'ignore',
      headers: { orders: { authorization: 'Bearer x' } },
      timeoutMs: 5000,
      listTimeoutMs: 1000,
    });
    assert.deepEqual(
      [tls?.caFile, tls?.certFile, tls?.keyFile].map((file) => file !== undefined && resolve(file) === file),
      [true, true, true],
    );
  });

  it('a namespace may name services that are not in the file', () => {
    const { namespaces } = load(
      'consul: { url: "http://h" }\nnamespaces: { support: { servers: [orders] } }',
    );
    assert.deepEqual(namespaces[0]?.servers, ['orders']);
  });
});
