import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modernCall } from '../../support/modern.js';
import { freePorts } from '../../support/services/freePorts.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { startNsd } from '../../support/services/startNsd.js';
import { startGatewayProcess } from '../../support/startGatewayProcess.js';
import { startPlace } from './startPlace.js';

describe('TLS towards addresses from a real DNS server', function () {
  this.timeout(60_000);
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  /** A service whose certificate is for a name, behind a gateway that knows it as `orders.test` and trusts its authority. */
  const behindGateway = async (context: Mocha.Context, certified: string, dns: string) => {
    const nsd = await serviceFor(context, startNsd);
    closing.unshift(() => nsd.close());
    const folder = await mkdtemp(join(tmpdir(), 'sluice-tls-'));
    closing.push(() => rm(folder, { recursive: true }));
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
    openssl('req', '-x509', ...curve, '-subj', '/CN=ca', '-keyout', 'ca.key', '-out', 'ca.pem');
    openssl('req', ...curve, '-subj', '/CN=service', '-keyout', 'key.pem', '-out', 'request.pem');
    await writeFile(join(folder, 'names'), `subjectAltName=${certified}\n`);
    const signed = [
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '1',
      '-extfile',
      'names',
    ];
    openssl('x509', '-req', '-in', 'request.pem', ...signed, '-out', 'cert.pem');
    const [key, cert] = await Promise.all(
      ['key.pem', 'cert.pem'].map((file) => readFile(join(folder, file), 'utf8')),
    );
    assert.ok(key !== undefined && cert !== undefined);
    const [port = 0] = await freePorts(1);
    const place = await startPlace('127.0.0.1', port, { key, cert });
    closing.unshift(() => place.close());
    await nsd.publish('orders A 127.0.0.1', 'host A 127.0.0.1', `_orders._tcp SRV 0 0 ${port} host`);
    const gateway = await startGatewayProcess(
      `  orders:
    type: rest
    url: https://orders.test:${port}
    dns: { resolvers: ['${nsd.address}'], ${dns} }
    tools: { get: { path: /orders } }
    health_check: { type: http, path: /, interval: 50ms }
`,
      {},
      { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
    );
    closing.unshift(() => gateway.close());
    const { result, error } = await modernCall(gateway.port, 'orders_get');
    return { result, error, place, port };
  };

  for (const [how, dns] of [
    ['an address', ''],
    ['SRV records', 'srv: _orders._tcp.test'],
  ] as const) {
    it(`a certificate is for the name in the URL, found by ${how} of another host`, async function () {
      const { result, place, port } = await behindGateway(this, 'DNS:orders.test', dns);
      assert.ok(result !== undefined && result.isError !== true, JSON.stringify(result));
      assert.deepEqual(place.names, new Set([`orders.test:${port}`, 'SNI orders.test']));
    });

    it(`one for the address or the host found by ${how} is refused, and nothing is sent`, async function () {
      const { error, place } = await behindGateway(this, 'DNS:host.test,IP:127.0.0.1', dns);
      assert.match(error?.message ?? '', /^The backend can not be reached/);
      assert.equal(place.requests, 0);
    });
  }
});
