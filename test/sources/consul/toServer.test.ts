import assert from 'node:assert/strict';
import type { ConsulSettings } from '../../../src/config/consulSettings.js';
import { load } from '../../config/data/read.js';
import type { Registration } from '../../../src/sources/consul/registration.js';
import { toServer } from '../../../src/sources/consul/toServer.js';
import { testRegistration as instance } from './testRegistration.js';

const { consul } = load('consul: { url: "http://127.0.0.1:8500" }');
const serverOf = (
  instances: readonly Registration[],
  {
    manifest,
    manifestRead = true,
    ...settings
  }: Partial<ConsulSettings> & { readonly manifest?: string; readonly manifestRead?: boolean } = {},
) =>
  toServer(
    'a',
    { instances, standby: 0, manifest, manifestRead, trusted: new Map() },
    { ...(consul as ConsulSettings), ...settings },
  );

describe('a service of Consul as a server', () => {
  const addresses: [Partial<Registration>, Record<string, string>, string | undefined][] = [
    [{}, {}, 'http://10.0.0.1'],
    [{ port: 8443 }, { scheme: 'HTTPS' }, 'https://10.0.0.1:8443'],
    [{}, { 'root-context': '/' }, 'http://10.0.0.1'],
    [{}, { 'root-context': 'api/v1/' }, 'http://10.0.0.1/api/v1'],
    [{ address: '::1', port: 81 }, {}, 'http://[::1]:81'],
    [{ address: 'order.svc' }, {}, 'http://order.svc'],
    [{}, { scheme: 'file' }, undefined],
    [{}, { scheme: 'ftp' }, undefined],
    [{ address: 'user:x@evil' }, {}, undefined],
    [{}, { 'root-context': '/x?token=1' }, undefined],
    [{}, { 'root-context': '/x#y' }, undefined],
    [{ address: 'not a host' }, {}, undefined],
  ];
  for (const [more, meta, url] of addresses)
    it(`is at ${url ?? 'no address'}: ${JSON.stringify({ ...more, ...meta })}`, () => {
      const { settings, notices } = serverOf([instance(meta, more)]);
      assert.deepEqual(
        settings?.type === 'rest' ? settings.urls : undefined,
        url === undefined ? undefined : [url],
      );
      assert.equal(notices.length, url === undefined ? 1 : 0);
    });

  it('the newest registration speaks for all; weights are those of each', () => {
    const { settings } = serverOf([
      instance({ 'mcp-tools': 'old', 'mcp-weight': '3' }),
      instance({ 'mcp-tools': 'new' }, { id: 'a-2', address: '10.0.0.2', modifyIndex: 2 }),
    ]);
    assert.ok(settings?.type === 'rest');
    assert.deepEqual(
      settings.tools.map(({ name }) => name),
      ['new'],
    );
    assert.deepEqual([settings.strategy, settings.balancing?.weights], ['weighted', [3, 1]]);
  });

  const bad: [string, Record<string, string>, RegExp][] = [
    [
      'a schema that is no JSON',
      { 'mcp-tools-t-inputSchema': '{' },
      /t is left out: its inputSchema is no JSON object/,
    ],
    ['a schema that is no object schema', { 'mcp-tools-t-inputSchema': '{"type":"array"}' }, /t is left out/],
    ['a method that is none', { 'mcp-tools-t-method': 'TRACE' }, /t is left out: its method/],
  ];
  for (const [what, meta, notice] of bad)
    it(`${what} takes its tool away and no other`, () => {
      const { settings, notices } = serverOf([instance({ 'mcp-tools': 't, fine', ...meta })]);
      assert.deepEqual(settings?.type === 'rest' && settings.tools.map(({ name }) => name), ['fine']);
      assert.match(notices.join(), notice);
    });

  const ignored: [string, Record<string, string>, string][] = [
    ['a time limit that is a word', { 'mcp-timeout': 'abc' }, '`mcp-timeout` is ignored: "abc" is not'],
    [
      'a time limit beyond all',
      { 'mcp-timeout': '9'.repeat(30) },
      `\`mcp-timeout\` is ignored: "${'9'.repeat(20)}…" is not`,
    ],
    ['no weight', { 'mcp-weight': '0' }, '`mcp-weight` is ignored: "0" is not'],
    ['too great a weight', { 'mcp-weight': '1e9' }, '`mcp-weight` is ignored: "1e9" is not'],
    ['a namespace that is a path', { 'mcp-namespace': 'a/b' }, '`mcp-namespace` is ignored: "a/b" is not'],
    [
      "a tool's time limit below 0",
      { 'mcp-tools-t-timeout': '-5' },
      't: its timeout is ignored: "-5" is not',
    ],
  ];
  for (const [what, meta, notice] of ignored)
    it(`${what} is as if it were not there, and a notice says so`, () => {
      const plain = serverOf([instance({ 'mcp-tools': 't' })]);
      const { notices, ...found } = serverOf([instance({ 'mcp-tools': 't', ...meta })]);
      assert.deepEqual(found, { settings: plain.settings, namespace: undefined });
      assert.equal(notices.length, 1);
      assert.ok(notices[0]?.startsWith(notice), notices[0]);
    });

  it('values that are empty or right need no notice', () => {
    const right = {
      'mcp-timeout': '5',
      'mcp-weight': '2.5',
      'mcp-namespace': 'a-b',
      'mcp-tools-t-timeout': '7',
    };
    for (const meta of [right, { 'mcp-timeout': '', 'mcp-weight': '', 'mcp-namespace': '' }])
      assert.deepEqual(serverOf([instance({ 'mcp-tools': 't', ...meta })]).notices, []);
  });

  it('a time limit in a manifest that is none is told of', () => {
    const manifest = JSON.stringify({ tools: { t: { timeout: '5s' } } });
    const meta = { 'mcp-tools': 't', 'mcp-tools-t-timeout': '5' };
    assert.deepEqual(serverOf([instance(meta)], { manifest }).notices, [], 'Meta says it better');
    assert.match(
      serverOf([instance({})], { manifest }).notices.join(),
      /^t: its timeout is ignored: "5s" is not/,
    );
  });

  for (const manifest of ['{', '[]', '{}', '['.repeat(100) + ']'.repeat(100)])
    it(`a manifest that is none leaves what Meta says: ${manifest.slice(0, 8)}`, () => {
      const { settings, notices } = serverOf([instance({ 'mcp-tools': 't' })], { manifest });
      assert.deepEqual(settings?.type === 'rest' && settings.tools.map(({ name }) => name), ['t']);
      assert.match(notices.join(), /The manifest is left out/);
    });

  it('a document that is a file of this machine is refused', () => {
    const { settings, notices } = serverOf([
      instance({ 'mcp-from-openapi': 'true', 'open-api': '/etc/passwd' }),
    ]);
    assert.equal(settings?.type === 'rest' ? settings.openapi : 'none', undefined);
    assert.match(notices.join(), /The OpenAPI document is left out/);
  });

  it('where signatures are enforced, what can not be signed is left out if its service requires it', () => {
    const meta = { 'mcp-type': 'server', 'mcp-required-signed': 'true' };
    assert.equal(serverOf([instance(meta)], { signatures: 'enforce' }).settings, undefined);
    assert.ok(serverOf([instance({ 'mcp-type': 'server' })], { signatures: 'enforce' }).settings);
    assert.ok(serverOf([instance(meta)], { signatures: 'warn' }).settings);
  });

  describe('that names a policy', () => {
    const tools = { 'mcp-tools': 't' };
    const rego = (key: string) => ({ source: { kind: 'rego', at: [{ kind: 'key', key }] } });
    const places: [string, readonly Registration[], string | undefined, RegExp, readonly object[]][] = [
      [
        'in Meta (opa-rego)',
        [instance({ ...tools, 'opa-rego': 'capi/order_policy' })],
        undefined,
        /`opa-rego`/,
        [{ path: 'capi/order_policy' }],
      ],
      [
        'in Meta (mcp-policy)',
        [instance({ ...tools, 'mcp-policy': 'policies/a' })],
        undefined,
        /`mcp-policy`/,
        [rego('policies/a')],
      ],
      [
        'of an instance that does not speak for the service',
        [
          instance({ ...tools, 'opa-rego': 'x' }),
          instance(tools, { id: 'a-2', address: '10.0.0.2', modifyIndex: 2 }),
          instance({ 'opa-rego': 'x', 'mcp-policy': 'y' }, { id: 'a-3', address: '10.0.0.3' }),
        ],
        undefined,
        /`opa-rego`/,
        [{ path: 'x' }, rego('y')],
      ],
      [
        'as an MCP server',
        [instance({ 'mcp-type': 'server', 'opa-rego': 'x' })],
        undefined,
        /`opa-rego`/,
        [{ path: 'x' }],
      ],
      [
        'in its manifest',
        [instance(tools)],
        JSON.stringify({ 'mcp-policy': 'x', tools: [] }),
        /`mcp-policy` in its manifest/,
        [rego('x')],
      ],
      [
        'in a manifest that has no tools',
        [instance({ 'mcp-type': 'server' })],
        JSON.stringify({ 'opa-rego': 'x' }),
        /`opa-rego` in its manifest/,
        [{ path: 'x' }],
      ],
      [
        'at a tool of its manifest',
        [instance(tools)],
        JSON.stringify({ tools: { t: { 'opa-rego': 'x' } } }),
        /`opa-rego` in its manifest/,
        [{ path: 'x', tool: 't' }],
      ],
    ];
    for (const [where, instances, manifest, key, policies] of places)
      it(`${where} is decided over by it, or offered to anyone where policies are ignored, with a notice`, () => {
        const given = manifest === undefined ? {} : { manifest };
        const closed = serverOf(instances, { ...given, hasPolicy: true });
        assert.deepEqual(closed.settings?.policies, policies);
        const open = serverOf(instances, { ...given, policies: 'ignore' });
        assert.ok(open.settings);
        assert.equal(open.settings.policies, undefined);
        assert.match(open.notices.join(), key);
        assert.match(open.notices.join(), /is ignored .* anyone may call its tools/);
      });

    const unusable: [string, Readonly<Record<string, string>>, string | undefined, RegExp][] = [
      [
        'a part of no policy',
        { 'opa-rego': 'x/y' },
        undefined,
        /`opa-rego` names .* which has none\. Add `opa`/,
      ],
      ['what is no decision', { 'opa-rego': 'x y' }, undefined, /`opa-rego` is no decision such as/],
      ['what is no text', {}, '{"mcp-policy":{"a":1},"tools":[]}', /`mcp-policy` in its manifest is no text/],
      [
        'one of two that is none',
        { 'mcp-policy': 'k', 'opa-rego': '/' },
        undefined,
        /`opa-rego` is no decision/,
      ],
      ['one in a manifest that is no JSON', {}, '{"opa-rego":"x",', /can not be understood.*`opa-rego`/],
      [
        'one in a manifest that nests too deep',
        {},
        `{"mcp-policy":"x","tools":${'['.repeat(100)}${']'.repeat(100)}}`,
        /can not be understood.*`mcp-policy`/,
      ],
    ];
    for (const [what, meta, manifest, why] of unusable)
      it(`${what}: it is left out, or offered where policies are ignored; a notice says so`, () => {
        const given = manifest === undefined ? {} : { manifest };
        const { settings, notices } = serverOf([instance({ ...tools, ...meta })], given);
        assert.equal(settings, undefined);
        assert.match(notices[0] ?? '', why);
        assert.match(notices[0] ?? '', /^The service is left out: .*`consul\.policies: ignore`$/);
        const open = serverOf([instance({ ...tools, ...meta })], { ...given, policies: 'ignore' });
        assert.ok(open.settings);
        assert.match(open.notices.join(), /is ignored .* anyone may call its tools/);
      });

    it('does not when the key is empty, and tools may be called like one', () => {
      const { settings, notices } = serverOf([instance({ ...tools, 'opa-rego': '', 'mcp-policy': '' })], {
        manifest: JSON.stringify({ tools: [{ name: 'opa-rego', description: 'mcp-policy' }] }),
      });
      assert.ok(settings);
      assert.deepEqual(notices, []);
    });

    it('in a manifest that nobody can read: it is left out', () => {
      const { settings, notices } = serverOf([instance(tools)], { manifestRead: false });
      assert.equal(settings, undefined);
      assert.match(notices.join(), /its manifest can not be read, and may name a policy/);
      assert.ok(serverOf([instance(tools)], { manifestRead: false, policies: 'ignore' }).settings);
    });
  });
});
