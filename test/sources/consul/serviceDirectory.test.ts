import assert from 'node:assert/strict';
import type { ConsulSettings } from '../../../src/config/consulSettings.js';
import type { Registration } from '../../../src/sources/consul/registration.js';
import { ServiceDirectory } from '../../../src/sources/consul/serviceDirectory.js';
import { load } from '../../config/data/read.js';

const { consul } = load('consul: { url: "http://127.0.0.1:8500" }');
const instance = (meta: Readonly<Record<string, string>>, modifyIndex = 1): Registration => ({
  id: 'a-1',
  service: 'a',
  datacenter: 'dc1',
  address: '10.0.0.1',
  port: 80,
  meta: { 'mcp-enabled': 'true', 'mcp-tools': 't', ...meta },
  tags: [],
  status: 'passing',
  modifyIndex,
  createIndex: Infinity,
});
const elsewhere = { datacenter: '', key: 'elsewhere' };
const manifest = (content: object) => new Map([['elsewhere', JSON.stringify(content)]]);
const none = new Map<string, string>();

describe('the directory of services', () => {
  let directory: ServiceDirectory;
  const offered = (): readonly string[] => directory.snapshot().servers.map(({ name }) => name);
  const notices = (): string => directory.snapshot().notices.get('a')?.join() ?? '';

  beforeEach(() => {
    directory = new ServiceDirectory(consul as ConsulSettings, ['']);
    directory.setManifests('', none);
  });

  it('offers nothing before it is known what a manifest says, which may be who must not call', () => {
    directory.setInstances('', 'a', [instance({ 'mcp-manifest': 'elsewhere' })]);
    assert.deepEqual(offered(), []);
    assert.deepEqual(directory.namedKeys, [elsewhere]);
    directory.setNamed(elsewhere, manifest({ tools: {} }));
    assert.deepEqual(offered(), ['a']);
    directory.setNamed(elsewhere, manifest({ tools: {}, 'opa-rego': 'x' }));
    assert.deepEqual(offered(), []);
    assert.match(notices(), /`opa-rego` in its manifest/);
  });

  it('nor when nobody can read it; what was read once stays', () => {
    directory.setInstances('', 'a', [instance({ 'mcp-manifest': 'elsewhere' })]);
    directory.setNamed(elsewhere, undefined);
    assert.deepEqual(offered(), []);
    assert.match(notices(), /its manifest can not be read/);
    directory.setNamed(elsewhere, none);
    assert.deepEqual(offered(), ['a']);
    assert.match(notices(), /^`mcp-manifest` is ignored: "elsewhere" is not a key/);
    directory.setNamed(elsewhere, undefined);
    assert.deepEqual(offered(), ['a']);
  });

  it('the same holds for the manifests that no registration names', () => {
    directory = new ServiceDirectory(consul as ConsulSettings, ['']);
    directory.setInstances('', 'a', [instance({})]);
    assert.deepEqual([offered(), notices()], [[], '']);
    directory.setManifests('', undefined);
    assert.deepEqual(offered(), []);
    assert.match(notices(), /its manifest can not be read/);
    directory.setManifests('', none);
    assert.deepEqual(offered(), ['a']);
    directory.setManifests('', undefined);
    assert.deepEqual(offered(), ['a']);
  });

  it('a service that names another manifest stays until that is read, but not one that has a policy now', () => {
    directory.setInstances('', 'a', [instance({})]);
    assert.deepEqual(offered(), ['a']);
    directory.setInstances('', 'a', [instance({ 'mcp-manifest': 'elsewhere' }, 2)]);
    assert.deepEqual(offered(), ['a']);
    directory.setInstances('', 'a', [instance({ 'mcp-manifest': 'elsewhere', 'opa-rego': 'x' }, 3)]);
    assert.deepEqual(offered(), []);
  });

  it('puts those first that were registered first, whatever their checks and later instances say; then goes by names', () => {
    const made = (createIndex: number, more: Partial<Registration> = {}) => ({
      ...instance({}),
      createIndex,
      ...more,
    });
    directory.setInstances('', 'order', [made(7), made(90, { id: 'a-2' })]);
    directory.setInstances('', 'aaa-evil', [made(50)]);
    directory.setInstances('', 'c', [made(Infinity)]);
    directory.setInstances('', 'b', [made(Infinity)]);
    assert.deepEqual(offered(), ['order', 'aaa-evil', 'b', 'c']);
    directory.setInstances('', 'order', [made(7, { status: 'critical' }), made(90, { id: 'a-2' })]);
    assert.deepEqual(offered(), ['order', 'aaa-evil', 'b', 'c']);
  });

  it('puts those of the preferred datacenter first: indexes of two say nothing of each other', () => {
    directory = new ServiceDirectory(consul as ConsulSettings, ['near', 'far']);
    for (const datacenter of ['near', 'far']) directory.setManifests(datacenter, none);
    directory.setInstances('far', 'a', [{ ...instance({}), createIndex: 1 }]);
    directory.setInstances('far', 'z', [{ ...instance({}), createIndex: 2 }]);
    directory.setInstances('near', 'z', [{ ...instance({}), createIndex: 900 }]);
    assert.deepEqual(offered(), ['z', 'a']);
  });

  it('forgets the manifest that no registration names any more', () => {
    directory.setInstances('', 'a', [instance({ 'mcp-manifest': 'elsewhere' })]);
    directory.setNamed(elsewhere, none);
    assert.deepEqual(offered(), ['a']);
    directory.setInstances('', 'a', []);
    assert.deepEqual([offered(), directory.namedKeys], [[], []]);
    directory.forgetNamed(elsewhere);
    directory.setInstances('', 'a', [instance({ 'mcp-manifest': 'elsewhere' })]);
    assert.deepEqual(offered(), [], 'what the manifest said earlier was believed');
  });

  it('a service of a datacenter whose manifests are known does not wait for those of another', () => {
    directory = new ServiceDirectory(consul as ConsulSettings, ['near', 'far']);
    directory.setInstances('near', 'a', [instance({})]);
    directory.setManifests('near', none);
    assert.deepEqual(offered(), ['a']);
    directory.setManifests('far', new Map([['mcp/services/a/manifest', '{"opa-rego":"x"}']]));
    assert.deepEqual(offered(), []);
  });
});
