import assert from 'node:assert/strict';
import type { ConsulSettings } from '../../../src/config/consulSettings.js';
import type { RestServerSettings, ServerSettings } from '../../../src/config/settings.js';
import { isMcp } from '../../../src/sources/consul/isMcp.js';
import { toServer } from '../../../src/sources/consul/toServer.js';
import { load } from '../../config/data/read.js';
import { testRegistration } from './testRegistration.js';

type Meta = Readonly<Record<string, string>>;

const { consul } = load('consul: { url: "http://127.0.0.1:8500" }\ntimeouts: { call: 9s }');
const serverOf = (meta: Meta): ServerSettings => {
  const instance = testRegistration(meta);
  const facts = {
    instances: [instance],
    standby: 0,
    manifest: undefined,
    manifestRead: true,
    trusted: new Map(),
  };
  const { settings, notices } = toServer('a', facts, consul as ConsulSettings);
  assert.ok(settings, notices.join());
  return settings;
};
const toolOf = (meta: Meta): RestServerSettings['tools'][number] => {
  const settings = serverOf({ 'mcp-tools': 't', ...meta });
  assert.ok(settings.type === 'rest');
  const [tool] = settings.tools;
  assert.ok(tool);
  return tool;
};

describe('what Meta says', () => {
  const gates: [Meta, boolean][] = [
    [{}, false],
    [{ 'mcp-enabled': 'true' }, true],
    [{ 'mcp-enabled': 'TRUE' }, true],
    [{ 'mcp-enabled': 'yes' }, false],
    [{ 'mcp-type': 'server' }, true],
    [{ 'mcp-type': 'rest' }, false],
    [{ 'mcp-from-openapi': 'true' }, true],
    [{ 'mcp-enabled': 'false', 'mcp-type': 'server', 'mcp-from-openapi': 'true' }, false],
  ];
  for (const [meta, is] of gates)
    it(`is ${is ? '' : 'not '}for the gateway: ${JSON.stringify(meta)}`, () => assert.equal(isMcp(meta), is));

  it('nothing of a tool: it is posted, its arguments the body', () =>
    assert.deepEqual(toolOf({ 'mcp-toolPrefix': 'p' }), {
      name: 't',
      description: 'p_t',
      method: 'POST',
      path: '',
      body: '*',
      inputSchema: { type: 'object' },
      streaming: false,
    }));

  const tools: [Meta, Partial<ReturnType<typeof toolOf>>][] = [
    [{ 'mcp-tools-t-description': 'Does it' }, { description: 'Does it' }],
    [
      { 'mcp-tools-t-method': 'get', 'mcp-tools-t-path': '/x/{id}' },
      { method: 'GET', path: '/x/{id}' },
    ],
    [{ 'mcp-tools-t-annotations': '{"readOnlyHint":true}' }, { annotations: { readOnlyHint: true } }],
    [{ 'mcp-tools-t-outputSchema': '{"type":"object"}' }, { outputSchema: { type: 'object' } }],
    [
      { 'mcp-tools-t-inputSchema': '{"type":"object","required":["a"]}' },
      { inputSchema: { type: 'object', required: ['a'] } },
    ],
    [{ 'mcp-streaming': 'other, t' }, { streaming: true }],
  ];
  for (const [meta, said] of tools)
    it(`of a tool: ${Object.keys(meta).join()}`, () => {
      const tool = toolOf(meta);
      assert.deepEqual({ ...tool, ...said }, tool);
    });

  const servers: [string, Meta, Partial<ServerSettings>][] = [
    ['the limit is that of the gateway', {}, { timeoutMs: 9000 }],
    ['but for its own', { 'mcp-timeout': '2500' }, { timeoutMs: 2500 }],
    ['if that is one', { 'mcp-timeout': '-1' }, { timeoutMs: 9000 }],
    [
      'and that of a tool',
      { 'mcp-timeout': '2500', 'mcp-tools': 't', 'mcp-tools-t-timeout': '100' },
      { timeoutMs: 2500, toolRules: { t: { timeoutMs: 100 } } },
    ],
    [
      'an MCP server is at /mcp',
      { 'mcp-type': 'server', 'root-context': '/api' },
      { type: 'mcp', urls: ['http://10.0.0.1/api/mcp'] },
    ],
    ['or where it says', { 'mcp-type': 'server', 'mcp-path': 'm' }, { urls: ['http://10.0.0.1/m'] }],
    [
      'operations are chosen by their ids',
      { 'mcp-promote-include': 'a, b', 'mcp-promote-exclude': 'b' },
      { include: ['a', 'b'], exclude: ['b'] },
    ],
    [
      'what is shown of it',
      { group: 'g', version: '2', state: 'PUBLISHED', 'mcp-category': 'c' },
      { discovered: { datacenters: 'dc1', group: 'g', version: '2', state: 'PUBLISHED', category: 'c' } },
    ],
  ];
  for (const [what, meta, said] of servers)
    it(`${what}: ${JSON.stringify(meta)}`, () => {
      const settings = serverOf(meta);
      assert.deepEqual({ ...settings, ...said }, settings);
    });
});
