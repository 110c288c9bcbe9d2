import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { readFileSync } from 'node:fs';
import { startService, type Service } from '../../backends/rest/startService.js';
import { eventually } from '../../support/eventually.js';
import { modernCall } from '../../support/modern.js';
import { consulApi, type ServiceDefinition } from '../../support/services/consulApi.js';
import { discoveringGateway } from '../../support/services/discoveringGateway.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { startConsul } from '../../support/services/startConsul.js';
import { countingAgent } from './countingAgent.js';

describe('reaching a real Consul', function () {
  this.timeout(60_000);
  let service: Service;
  const closing: (() => Promise<unknown>)[] = [];
  before(async () => {
    service = await startService();
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  after(() => service.close());

  const definition = (name: string, url = service.url): ServiceDefinition => ({
    Name: name,
    ID: `${name}-1`,
    Address: '127.0.0.1',
    Port: Number(new URL(url).port),
    Meta: { 'mcp-enabled': 'true', 'mcp-tools': name },
  });

  it('an ACL token opens it; without one nothing is found, and a wrong one is told of', async function () {
    const token = '3f1ce5ba-6c1b-4b8e-9f1b-7a4f0f3f3a11';
    const consul = await serviceFor(this, () => startConsul({ token }));
    closing.push(() => consul.close());
    await consulApi(consul, token).register(definition('secured'));
    const gateway = await discoveringGateway(`consul: { url: '${consul.url}', token: ${token} }`);
    closing.unshift(() => gateway.close());
    await gateway.showing(['secured']);
    assert.equal(gateway.health().discovery?.status, 'healthy');

    const stranger = await discoveringGateway(
      `consul: { url: '${consul.url}', token: 11111111-2222-3333-4444-555555555555 }`,
    );
    closing.unshift(() => stranger.close());
    assert.deepEqual(await stranger.tools(), []);
    const { discovery } = stranger.health();
    assert.deepEqual([discovery?.status, discovery?.reason], ['down', 'Consul refuses the ACL token (403)']);
    assert.equal(await stranger.readiness(), 503);
    const { up, services, stale_seconds: stale = 0 } = await stranger.metrics();
    assert.deepEqual([up, services, stale > 0], [0, 0, true]);
  });

  it('over TLS, with a certificate of its own', async function () {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-tls-'));
    closing.push(() => Promise.resolve(rmSync(folder, { recursive: true })));
    const [ca, cert, key] = ['ca.pem', 'agent.pem', 'agent.key'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
    openssl('req', '-x509', ...curve, '-subj', '/CN=ca', '-keyout', 'ca.key', '-out', 'ca.pem');
    openssl(
      'req',
      ...curve.slice(0, 5),
      '-subj',
      '/CN=agent',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      'agent.key',
      '-out',
      'agent.csr',
    );
    openssl(
      'x509',
      '-req',
      '-in',
      'agent.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '1',
      '-copy_extensions',
      'copy',
      '-out',
      'agent.pem',
    );
    const consul = await serviceFor(this, () => startConsul({ tls: { ca, cert, key } }));
    closing.unshift(() => consul.close());
    const dispatcher = new Agent({
      connect: { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) },
    });
    closing.unshift(() => dispatcher.close());
    const answer = await request(`${consul.url}/v1/agent/service/register`, {
      method: 'PUT',
      body: JSON.stringify(definition('sealed')),
      dispatcher,
    });
    assert.equal(answer.statusCode, 200, await answer.body.text());

    const gateway = await discoveringGateway(
      `consul: { url: '${consul.url}', tls: { ca: '${ca}', cert: '${cert}', key: '${key}' } }`,
    );
    closing.unshift(() => gateway.close());
    await gateway.showing(['sealed']);

    const stranger = await discoveringGateway(`consul: { url: '${consul.url}', tls: { ca: '${ca}' } }`);
    closing.unshift(() => stranger.close());
    assert.equal(stranger.health().discovery?.status, 'down', 'an agent took who has no certificate');
    const trusting = await discoveringGateway(`consul: { url: '${consul.url}' }`);
    closing.unshift(() => trusting.close());
    assert.equal(trusting.health().discovery?.status, 'down', 'a certificate of nobody was believed');
    const lost = await discoveringGateway(`consul: { url: '${consul.url}', tls: { ca: ./missing.pem } }`);
    closing.unshift(() => lost.close());
    assert.equal(lost.health().discovery?.reason, 'A file of `consul.tls` can not be read');
  });

  it('several datacenters: the first that has a service serves it, the others stand by', async function () {
    const near = await serviceFor(this, () => startConsul({ datacenter: 'near' }));
    closing.push(() => near.close());
    const far = await startConsul({ datacenter: 'far', joins: near });
    closing.push(() => far.close());
    const elsewhere = await startService();
    closing.push(() => elsewhere.close());
    await consulApi(near).register(definition('both'));
    await consulApi(far).register(definition('both', elsewhere.url));
    await consulApi(far).register(definition('far_only', elsewhere.url));
    await eventually(20_000, 'the datacenters knowing each other', async () => {
      const found = await fetch(`${near.url}/v1/catalog/services?dc=far`);
      return found.ok && 'far_only' in ((await found.json()) as object);
    });
    const gateway = await discoveringGateway(`consul: { url: '${near.url}', datacenters: [near, far] }`);
    closing.unshift(() => gateway.close());
    await gateway.showing(['both', 'far_only']);
    for (let call = 0; call < 4; call++) await modernCall(gateway.port, 'both');
    assert.equal(elsewhere.seen.length, 0, 'the other datacenter was used although it only stands by');
    await consulApi(near).deregister('both-1');
    await gateway.settled(async () => {
      await modernCall(gateway.port, 'both');
      return elsewhere.seen.length > 0;
    });
    assert.deepEqual(await gateway.tools(), ['both', 'far_only']);
  });

  it('more services than watches: all are followed, with few questions open', async function () {
    const consul = await serviceFor(this, () => startConsul());
    closing.push(() => consul.close());
    const api = consulApi(consul);
    const names = Array.from({ length: 40 }, (_, index) => `s${String(index).padStart(2, '0')}`);
    for (const name of names)
      await api.register({
        ...definition(name),
        Check: { CheckID: `service:${name}-1`, TTL: '1h', Status: 'passing' },
      });
    const agent = await countingAgent(consul.url);
    closing.unshift(() => agent.close());
    const gateway = await discoveringGateway(`consul: { url: '${agent.url}', max_watches: 10 }`);
    closing.unshift(() => gateway.close());
    assert.deepEqual(await gateway.tools(), names);
    assert.ok((gateway.health().discovery?.watches ?? 99) <= 10);
    const looks = () => agent.asked.filter((path) => path.startsWith('/v1/health/service/'));
    const times = (name: string) => looks().filter((path) => path.endsWith(`/${name}`)).length;
    await eventually(5000, 'every service having been looked at, and again after the state of checks', () =>
      names.every((name) => times(name) >= 2),
    );
    // Some of these have a watch, most have none.
    for (const name of [names[0], names[20], names[39]] as string[]) {
      const others = names.filter((other) => other !== name);
      const before = looks().length;
      await api.check(`${name}-1`, 'critical');
      await gateway.showing(others, 3000);
      await api.check(`${name}-1`, 'passing');
      await gateway.showing(names, 3000);
      assert.deepEqual(new Set(looks().slice(before)), new Set([`/v1/health/service/${name}`]));
    }
    await api.register({ ...definition('s39'), Meta: { 'mcp-enabled': 'true', 'mcp-tools': 'zz' } });
    await gateway.showing([...names.slice(0, 39), 'zz'], 3000);
    await Promise.all(names.slice(0, 20).map((name) => api.deregister(`${name}-1`)));
    await gateway.showing([...names.slice(20, 39), 'zz'], 5000);
    assert.ok((gateway.health().discovery?.watches ?? 99) <= 10);
  });
});
