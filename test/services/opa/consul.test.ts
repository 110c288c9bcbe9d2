import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silent } from '../../../src/streams/log.js';
import { startService, type Service } from '../../backends/rest/startService.js';
import { eventually } from '../../support/eventually.js';
import { modernCall } from '../../support/modern.js';
import { consulApi, type ConsulApi } from '../../support/services/consulApi.js';
import { discoveringGateway, type DiscoveringGateway } from '../../support/services/discoveringGateway.js';
import { opaProgram } from '../../support/services/opaProgram.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { startConsul, type Consul } from '../../support/services/startConsul.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';

describe('services of a real Consul agent that name a policy', function () {
  this.timeout(60_000);
  let consul: Consul;
  let api: ConsulApi;
  let service: Service;
  let backend: McpBackend;
  let gateway: DiscoveringGateway;
  let program: string;
  let folder: string;
  const errors: { readonly server: unknown; readonly message: string }[] = [];
  const closing: (() => Promise<unknown>)[] = [];

  const register = (name: string, Meta: Readonly<Record<string, string>>, port = new URL(service.url).port) =>
    api.register({
      ID: `${name}-1`,
      Name: name,
      Address: '127.0.0.1',
      Port: Number(port),
      Meta: { 'mcp-enabled': 'true', 'mcp-tools': name, ...Meta },
    });
  const notice = (name: string): string => gateway.health().discovery?.notices?.[name]?.join() ?? '';
  const policy = (name: string) => gateway.health().policies?.find((one) => one.name === name);
  const yaml = (opa: string, policies = 'enforce') =>
    `consul: { url: '${consul.url}', policies: ${policies} }\nopa: { program: '${program}'${opa} }`;
  const own = () => yaml(`, rego: '${folder}'`);
  const denied = async (name: string, args = {}) => (await modernCall(gateway.port, name, args)).error?.code;
  /** It allows lists, and calls with a number below the limit. */
  const below = (name: string, limit: number) => `package ${name}
default allow := false
allow if not input.arguments
allow if input.arguments.n < ${limit}
reason := "too much" if not allow
`;

  before(async function () {
    program = await serviceFor(this, opaProgram);
    consul = await serviceFor(this, () => startConsul());
    closing.unshift(() => consul.close());
    folder = await mkdtemp(join(tmpdir(), 'sluice-consul-policies-'));
    closing.unshift(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'sluice.rego'), 'package sluice\nallow := true\n');
    await writeFile(join(folder, 'orders.rego'), below('capi.order_policy', 10));
    await writeFile(join(folder, 'nobody.rego'), 'package nobody\nallow := false\n');
    api = consulApi(consul);
    service = await startService();
    closing.unshift(() => service.close());
    backend = await startMcpBackend();
    closing.unshift(() => backend.close());
    await register('plain', {});
    await register('by_rego', { 'opa-rego': 'capi/order_policy' });
    await api.put('policies/by_key', below('of_the_key', 20));
    await register('by_key', { 'mcp-policy': 'policies/by_key' });
    await register(
      'native',
      { 'mcp-type': 'server', 'mcp-toolPrefix': 'native', 'opa-rego': 'nobody/allow' },
      `${backend.port}`,
    );
    const manifest = { tools: {}, 'mcp-policy': 'policies/not_there' };
    await api.put('mcp/services/by_manifest/manifest', JSON.stringify(manifest));
    await register('by_manifest', {});
    const tools = { by_tool: { 'opa-rego': 'capi/order_policy' }, open: {} };
    await api.put('elsewhere', JSON.stringify({ tools }));
    await register('by_tool', { 'mcp-manifest': 'elsewhere' });
    gateway = await discoveringGateway(yaml(''), {
      ...silent,
      error: ({ server, event }, message) => {
        if (event === 'service_notice') errors.push({ server, message });
      },
    });
    closing.unshift(() => gateway.close());
  });
  after(async () => {
    for (const close of closing) await close();
  });

  it('where the gateway has no policy, those that name a part of it are left out: nobody can call them', async () => {
    await gateway.showing(['by_key', 'plain']);
    for (const name of ['by_rego', 'by_tool', 'native_echo'])
      assert.equal(await denied(name), -32602, `${name} was called`);
    assert.deepEqual(service.seen, []);
    for (const name of ['by_rego', 'by_tool', 'native']) {
      const logged = errors.filter(({ server }) => server === name).map(({ message }) => message);
      assert.deepEqual(logged, [notice(name)]);
      assert.match(
        notice(name),
        /`opa-rego`.* names a part of the policy of the gateway, which has none\. Add `opa`/,
      );
    }
    assert.equal((await gateway.metrics())['notices'], 3);
  });

  it('Rego in KV decides over the calls of its service', async () => {
    assert.equal(await denied('by_key', { n: 19 }), undefined);
    assert.equal(await denied('by_key', { n: 20 }), 4003);
    assert.equal(service.seen.length, 1);
  });

  it('where its key is not there nobody can call a service, health says why, and the gateway is ready', async () => {
    assert.equal(await denied('by_manifest'), 4032);
    assert.equal(policy('by_manifest')?.status, 'down');
    assert.match(policy('by_manifest')?.reason ?? '', /no key `policies\/not_there` in Consul KV/);
    assert.equal(await gateway.readiness(), 200);
    await api.put('policies/not_there', 'package late\nallow := true\n');
    await gateway.showing(['by_key', 'by_manifest', 'plain']);
    assert.equal(await denied('by_manifest'), undefined);
  });

  it('the question about its key counts in `max_watches`', async () => {
    const watches = () => gateway.health().discovery?.watches ?? 0;
    const before = watches();
    await register('counted', { 'mcp-policy': 'policies/by_key_too' });
    await eventually(5000, 'the policy', () => policy('counted') !== undefined);
    assert.equal(watches(), before + 2, 'the service, and the key');
    await api.deregister('counted-1');
    await eventually(5000, 'its end', () => watches() === before);
  });

  it('parts of the gateway’s policy decide, over a service or a tool of it', async () => {
    gateway.configure(own());
    await gateway.showing(['by_key', 'by_manifest', 'by_rego', 'by_tool', 'open', 'plain']);
    for (const name of ['by_rego', 'by_tool']) {
      assert.equal(await denied(name, { n: 9 }), undefined, name);
      assert.equal(await denied(name, { n: 10 }), 4003, name);
    }
    assert.equal(await denied('open', { n: 10 }), undefined);
    assert.equal(await denied('native_echo'), -32602);
  });

  it('a changed key is in force; one that does not compile leaves the last good one', async () => {
    await api.put('policies/by_key', below('of_the_key', 5));
    await eventually(20_000, 'the new limit', async () => (await denied('by_key', { n: 5 })) === 4003);
    await api.put('policies/by_key', 'package of_the_key\nallow if {');
    await eventually(20_000, 'the refusal', () => policy('by_key')?.status === 'stale');
    assert.match(policy('by_key')?.reason ?? '', /does not compile: .*by_key\.rego:2/s);
    assert.deepEqual([await denied('by_key', { n: 4 }), await denied('by_key', { n: 5 })], [undefined, 4003]);
  });

  it('one that gets a policy has it at once, one that loses it is open', async () => {
    await register('plain', { 'opa-rego': 'nobody' });
    await register('by_rego', {});
    await gateway.showing(['by_key', 'by_manifest', 'by_rego', 'by_tool', 'open']);
    assert.equal(await denied('plain'), -32602);
    assert.equal(await denied('by_rego', { n: 10 }), undefined);
    await register('by_rego', { 'opa-rego': 'nothing/like/this' });
    await gateway.showing(['by_key', 'by_manifest', 'by_tool', 'open']);
    assert.equal(await denied('by_rego'), 4032);
    await register('by_rego', { 'opa-rego': 'capi/order_policy' });
    await register('plain', {});
    await gateway.showing(['by_key', 'by_manifest', 'by_rego', 'by_tool', 'open', 'plain']);
  });

  it('where they are ignored they are offered to anyone, with a notice', async () => {
    gateway.configure(yaml('', 'ignore'));
    await eventually(10_000, 'all tools', async () => {
      const names = await gateway.tools();
      return ['by_rego', 'by_key', 'native_echo', 'plain'].every((name) => names.includes(name));
    });
    assert.match(notice('by_rego'), /`opa-rego` is ignored .*: anyone may call its tools/);
    assert.match(notice('native'), /`opa-rego` is ignored/);
    assert.equal(await denied('by_rego', { n: 10 }), undefined);
  });

  it('where they are enforced again nothing is open, also while Consul is away', async () => {
    await consul.stop();
    await eventually(5000, 'health being stale', () => gateway.health().discovery?.status === 'stale');
    gateway.configure(own());
    await gateway.showing([]);
    await consul.start();
    await gateway.showing(['by_manifest', 'by_rego', 'by_tool', 'open', 'plain'], 15_000);
  });
});
