import assert from 'node:assert/strict';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import type { Backend } from '../../../src/streams/backend.js';
import { startEverythingServer } from '../../fixtures/everythingServer/startEverythingServer.js';
import { eventually } from '../../support/eventually.js';
import { startMcpBackend } from '../../support/startMcpBackend.js';
import { backendCall, repliesOf, textOf } from './backendCall.js';
import { connectMcp, disconnectAll } from './connectMcp.js';
import { legacyScript, legacyState } from './legacyScript.js';
import { scriptedServer, type Received, type ScriptedServer } from './scriptedServer.js';

const discovered = { supportedVersions: ['2026-07-28'], capabilities: {} };

/** An answer to the probe, and what the server then is. */
const verdicts: Record<string, [(probe: Received) => void, 'modern' | 'legacy']> = {
  'a discovery': [(probe) => probe.result(discovered), 'modern'],
  'a header mismatch': [(probe) => probe.error(-32020, 400), 'modern'],
  'a missing capability': [(probe) => probe.error(-32021, 400), 'modern'],
  'a version refused in favour of ours': [
    (probe) => probe.error(-32022, 400, { supported: ['2026-07-28'] }),
    'modern',
  ],
  'an unknown method with 404': [(probe) => probe.error(-32601, 404), 'modern'],
  'only older versions named': [(probe) => probe.error(-32022, 400, { supported: ['2025-11-25'] }), 'legacy'],
  'a discovery of older versions only': [
    (probe) => probe.result({ ...discovered, supportedVersions: ['2025-06-18'] }),
    'legacy',
  ],
  'an unknown method in-band': [(probe) => probe.error(-32601), 'legacy'],
  'a missing session': [(probe) => probe.error(-32000, 400), 'legacy'],
  'a plain 400': [({ response }) => void response.writeHead(400).end(), 'legacy'],
  'a plain 404': [({ response }) => void response.writeHead(404).end('<html>'), 'legacy'],
  'a 405': [({ response }) => void response.writeHead(405).end(), 'legacy'],
  'a result of something else': [(probe) => probe.result({}), 'legacy'],
};

describe('mcpBackend finding out the era', () => {
  let server: ScriptedServer;
  let onProbe: (probe: Received) => void;

  beforeEach(async () => {
    const state = legacyState();
    server = await scriptedServer((request) => {
      if (request.body.method === 'server/discover') return onProbe(request);
      if (request.headers['mcp-protocol-version'] === '2026-07-28') return request.result({ content: [] });
      if (!legacyScript(request, state)) request.result({ content: [] });
    });
  });
  afterEach(async () => {
    await disconnectAll();
    await server.close();
  });

  for (const [name, [answer, era]] of Object.entries(verdicts))
    it(`takes ${name} for a ${era} server`, async () => {
      onProbe = answer;
      const backend = connectMcp(server.url);
      await repliesOf(backend, backendCall('a'));
      await repliesOf(backend, backendCall('a'));
      assert.equal(server.methods().includes('initialize'), era === 'legacy');
      assert.equal(server.methods().filter((method) => method === 'server/discover').length, 1);
    });

  for (const status of [401, 403, 429, 500, 503])
    it(`takes ${status} for no evidence`, async () => {
      onProbe = ({ response }) => void response.writeHead(status).end();
      const backend = connectMcp(server.url);
      const code = status === 429 ? 'ERR_UPSTREAM_BUSY' : 'ERR_UPSTREAM_FAILED';
      await assert.rejects(repliesOf(backend, backendCall('a')), { code });
      assert.deepEqual(server.methods(), ['server/discover']);
      onProbe = (probe) => probe.result(discovered);
      assert.equal((await repliesOf(backend, backendCall('a')))[0]?.kind, 'result');
    });

  it('asks no question when the era is configured', async () => {
    onProbe = () => assert.fail('it was asked');
    await repliesOf(connectMcp(server.url, { protocol: 'modern' }), backendCall('a'));
    await repliesOf(connectMcp(server.url, { protocol: 'legacy' }), backendCall('a'));
  });

  it('refuses a server with which no version is shared', async () => {
    onProbe = (probe) => probe.error(-32022, 400, { supported: ['2030-01-01'] });
    await assert.rejects(repliesOf(connectMcp(server.url), backendCall('a')), {
      code: 'ERR_UPSTREAM_FAILED',
    });
  });

  const revisions = { modern: '2026-07-28', legacy: '2025-11-25' } as const;
  const text = { name: 'test_simple_text', arguments: {} };

  for (const [before, after] of [
    ['modern', 'legacy'],
    ['legacy', 'modern'],
  ] as const)
    it(`goes on when a ${before} server is replaced by a ${after} one on the same port`, async () => {
      const first = await startEverythingServer({ era: before });
      const backend = connectMcp(first.url);
      assert.equal((await lastValueFrom(backend.offer())).revision, revisions[before]);
      await first.close();
      await gone(backend);
      const second = await startEverythingServer({ era: after, port: Number(new URL(first.url).port) });
      const changed = firstValueFrom(backend.changed$);
      const [reply] = await repliesOf(backend, backendCall('', { params: text, repeatable: true }));
      assert.equal(textOf(reply), 'This is a simple text response for testing.');
      await changed;
      assert.equal((await lastValueFrom(backend.offer())).revision, revisions[after]);
      await disconnectAll();
      await second.close();
    });

  it('does not repeat a call that the replacement may have begun', async () => {
    const first = await startMcpBackend({ era: 'modern' });
    const backend = connectMcp(first.url);
    await repliesOf(backend, backendCall('echo'));
    await first.close();
    await gone(backend);
    const second = await startMcpBackend({ era: 'legacy', port: first.port });
    await assert.rejects(repliesOf(backend, backendCall('echo')), { code: 'ERR_UPSTREAM_SESSION_LOST' });
    assert.equal(textOf((await repliesOf(backend, backendCall('echo')))[0]), '{}');
    assert.equal(second.calls, 1);
    await second.close();
  });

  it('lets calls that wait for a session go on when the server turns out to speak the other era', async () => {
    const state = legacyState();
    const opening: Received[] = [];
    const text = (value: string) => ({ resultType: 'complete', content: [{ type: 'text', text: value }] });
    let era: 'legacy' | 'modern' = 'legacy';
    let holds = false;
    const turning = await scriptedServer((request) => {
      const { body, headers } = request;
      if (body.method === 'server/discover')
        return era === 'modern' ? request.result(discovered) : request.error(-32601);
      if (headers['mcp-protocol-version'] === '2026-07-28') return request.result(text('modern'));
      if (body.method === 'initialize' && holds) return void opening.push(request);
      if (body.method === 'tools/call' && era === 'modern')
        return request.error(-32022, 400, { supported: ['2026-07-28'] });
      if (!legacyScript(request, state)) request.result(text('legacy'));
    });
    const backend = connectMcp(turning.url);
    const call = async (overrides = {}) =>
      textOf((await repliesOf(backend, backendCall('a', overrides))).at(-1));
    assert.equal(await call(), 'legacy');
    holds = true;
    // It needs a session of its own, which the server does not open.
    const waiting = call({ capabilities: { elicitation: {} }, principalId: 'ada' });
    await eventually(3000, 'the opening of a session', () => opening.length === 1);
    era = 'modern';
    assert.deepEqual(await Promise.all([call(), waiting]), ['modern', 'modern']);
    await disconnectAll();
    for (const { response } of opening) response.destroy();
    await turning.close();
  });

  /** Calls fail while there is no server, and the connections to the last one are forgotten. */
  const gone = (backend: Backend): Promise<void> =>
    assert.rejects(repliesOf(backend, backendCall('echo')), ({ code }: { code: string }) =>
      ['ERR_UPSTREAM_UNREACHABLE', 'ERR_UPSTREAM_FAILED'].includes(code),
    );
});
