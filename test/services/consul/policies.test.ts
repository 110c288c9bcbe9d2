import assert from 'node:assert/strict';
import { silent } from '../../../src/streams/log.js';
import { startService, type Service } from '../../backends/rest/startService.js';
import { eventually } from '../../support/eventually.js';
import { modernCall } from '../../support/modern.js';
import { consulApi, type ConsulApi } from '../../support/services/consulApi.js';
import { discoveringGateway, type DiscoveringGateway } from '../../support/services/discoveringGateway.js';
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
  const yaml = (policies: string) => `consul: { url: '${consul.url}'${policies} }`;

  before(async function () {
    consul = await serviceFor(this, () => startConsul());
    closing.unshift(() => consul.close());
    api = consulApi(consul);
    service = await startService();
    closing.unshift(() => service.close());
    backend = await startMcpBackend();
    closing.unshift(() => backend.close());
    await register('plain', {});
    await register('by_rego', { 'opa-rego': 'capi/order_policy' });
    await register('by_key', { 'mcp-policy': 'policies/by_key' });
    await register(
      'native',
      { 'mcp-type': 'server', 'mcp-toolPrefix': 'native', 'opa-rego': 'x' },
      `${backend.port}`,
    );
    await api.put('mcp/services/by_manifest/manifest', JSON.stringify({ tools: {}, 'mcp-policy': 'x' }));
    await register('by_manifest', {});
    await api.put('elsewhere', JSON.stringify({ tools: { by_tool: { 'opa-rego': 'x' } } }));
    await register('by_tool', { 'mcp-manifest': 'elsewhere' });
    gateway = await discoveringGateway(yaml(''), {
      ...silent,
      error: ({ server }, message) => errors.push({ server, message }),
    });
    closing.unshift(() => gateway.close());
  });
  after(async () => {
    for (const close of closing) await close();
  });

  const guarded: [string, RegExp][] = [
    ['by_rego', /`opa-rego` names/],
    ['by_key', /`mcp-policy` names/],
    ['native', /`opa-rego` names/],
    ['by_manifest', /`mcp-policy` in its manifest/],
    ['by_tool', /`opa-rego` in its manifest/],
  ];

  it('are left out while policies are not enforced: nobody can call them', async () => {
    assert.deepEqual(await gateway.tools(), ['plain']);
    for (const name of ['by_rego', 'native_echo']) {
      const { error } = await modernCall(gateway.port, name);
      assert.ok(error, `${name} was called`);
    }
    assert.deepEqual(service.seen, []);
    const { services, notices } = await gateway.metrics();
    assert.deepEqual([services, notices], [1, guarded.length]);
  });

  for (const [name, key] of guarded)
    it(`${name}: health and the log say which, why, and what to do`, () => {
      const logged = errors.filter(({ server }) => server === name).map(({ message }) => message);
      assert.deepEqual(logged, [notice(name)]);
      assert.match(notice(name), key);
      assert.match(notice(name), /`consul\.policies: ignore`/);
    });

  it('one that gets a policy is gone, one that loses it is offered', async () => {
    await register('plain', { 'opa-rego': 'x' });
    await register('by_key', {});
    await gateway.showing(['by_key']);
    await api.remove('mcp/services/by_manifest/manifest');
    await gateway.showing(['by_key', 'by_manifest']);
    await api.put('elsewhere', JSON.stringify({ tools: { by_tool: {} } }));
    await gateway.showing(['by_key', 'by_manifest', 'by_tool']);
    await register('by_key', { 'mcp-policy': 'policies/by_key' });
    await register('plain', {});
    await gateway.showing(['by_manifest', 'by_tool', 'plain']);
  });

  it('where they are ignored they are offered to anyone, with a notice', async () => {
    gateway.configure(yaml(', policies: ignore'));
    await eventually(10_000, 'all tools', async () => {
      const names = await gateway.tools();
      return ['by_rego', 'by_key', 'native_echo', 'plain'].every((name) => names.includes(name));
    });
    assert.match(notice('by_rego'), /`opa-rego` is ignored .*: anyone may call its tools/);
    assert.match(notice('native'), /`opa-rego` is ignored/);
    assert.equal((await modernCall(gateway.port, 'by_rego')).error, undefined);
  });

  it('where they are enforced again they are gone at once, also while Consul is away', async () => {
    await consul.stop();
    await eventually(5000, 'health being stale', () => gateway.health().discovery?.status === 'stale');
    gateway.configure(yaml(', policies: enforce'));
    await gateway.showing([]);
    await consul.start();
    await gateway.showing(['by_manifest', 'by_tool', 'plain'], 15_000);
  });
});
