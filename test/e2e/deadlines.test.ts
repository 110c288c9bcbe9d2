import assert from 'node:assert/strict';
import { startService, type Service } from '../backends/rest/startService.js';
import type { ScriptedServer } from '../backends/mcp/scriptedServer.js';
import { ask } from '../support/ask.js';
import { responseOf } from '../support/messagesOf.js';
import { modernRequest } from '../support/modern.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { startMute, type Mute } from '../support/startMute.js';
import { faithfulServer } from './fidelity/faithfulServer.js';
import { rawClient, type RawClient } from './fidelity/rawClient.js';

const header = 'sluice-remaining-ms';
const key = 'io.sluice/remainingMs';

describe('the time that is left for a call', () => {
  const servers: Partial<Record<string, ScriptedServer>> = {};
  let service: Service;
  let gateway: RunningGateway;

  before(async () => {
    for (const era of ['legacy', 'modern'] as const) servers[era] = await faithfulServer(era, () => false);
    service = await startService();
    const times = 'timeouts: { total: 20s }';
    gateway = await startGateway(
      [
        ...Object.entries(servers).flatMap(([era, server]) => [
          `  ${era}: { url: '${server?.url ?? ''}', protocol: ${era}, ${times} }`,
          `  quiet-${era}: { url: '${server?.url ?? ''}', protocol: ${era}, forward_deadline: false }`,
        ]),
        `  rest: { type: rest, url: '${service.url}', tools: { rich: { path: / } }, ${times} }`,
        `  quiet-rest: { type: rest, url: '${service.url}', tools: { rich: { path: / } }, forward_deadline: false }`,
      ].join('\n'),
    );
  });
  after(async () => {
    await gateway.close();
    await service.close();
    for (const server of Object.values(servers)) await server?.close();
  });

  /** What the last call said of its time, in its header and in its `_meta`. */
  const told = (kind: string): { readonly inHeader: unknown; readonly inMeta: unknown } => {
    if (kind === 'rest') return { inHeader: service.seen.at(-1)?.headers[header], inMeta: undefined };
    const call = servers[kind]?.received.findLast(({ body }) => body.method === 'tools/call');
    const meta = (call?.body.params?.['_meta'] ?? {}) as Record<string, unknown>;
    return { inHeader: call?.headers[header], inMeta: meta[key] };
  };

  for (const era of ['legacy', 'modern'] as const)
    describe(`of a ${era} client`, () => {
      let client: RawClient;
      before(async () => {
        client = await rawClient(era, gateway.port);
      });
      const call = async (server: string, meta?: Record<string, unknown>): Promise<void> => {
        const { answer } = await client.send(
          'tools/call',
          { name: `${server}_rich`, arguments: { kind: 'a', count: 1 } },
          meta,
        );
        assert.notEqual(answer.result?.isError, true, JSON.stringify(answer));
      };

      for (const kind of ['legacy', 'modern', 'rest']) {
        it(`is told to a ${kind} server, and is no more than the total`, async () => {
          await call(kind);
          const { inHeader, inMeta } = told(kind);
          const ms = Number(inHeader);
          assert.ok(ms > 0 && ms <= 20_000, String(inHeader));
          if (kind !== 'rest') assert.ok(typeof inMeta === 'number' && inMeta > 0 && inMeta <= 20_000);
        });

        it(`is the client's own to a ${kind} server where that is shorter, and never longer than ours`, async () => {
          await call(kind, { [key]: 5000 });
          const short = told(kind);
          assert.ok(Number(short.inHeader) <= 5000, String(short.inHeader));
          if (kind !== 'rest') assert.ok(Number(short.inMeta) <= 5000, String(short.inMeta));
          await call(kind, { [key]: 1e9 });
          assert.ok(Number(told(kind).inHeader) <= 20_000);
        });

        it(`is not told to a ${kind} server with forward_deadline: false, nor what the client said`, async () => {
          await call(`quiet-${kind}`, { [key]: 5000 });
          assert.deepEqual(told(kind), { inHeader: undefined, inMeta: undefined });
        });
      }

      it('is what it would be without it where a client writes nonsense', async () => {
        await call('rest', { [key]: 'soon' });
        const ms = Number(told('rest').inHeader);
        assert.ok(ms > 5000 && ms <= 20_000, String(ms));
      });
    });
});

describe('the limits of a call', () => {
  let service: Service;
  let backend: McpBackend;
  /** Takes connections and says nothing: a TLS handshake with it never ends. */
  let mute: Mute;
  let gateway: RunningGateway;

  before(async () => {
    service = await startService((_request, response, { url }) => {
      if (url === '/silent') return;
      if (url === '/begins') response.setHeader('content-type', 'application/x-ndjson').write('{"n":1}\n');
      else response.setHeader('content-type', 'application/json').end('{}');
    });
    backend = await startMcpBackend({ era: 'legacy' });
    mute = await startMute();
    gateway = await startGateway(`
  rest:
    type: rest
    url: ${service.url}
    timeouts: { total: 5s }
    tools:
      slow: { path: /silent, timeouts: { first_byte: 150ms } }
      stops: { path: /begins, streaming: true, timeouts: { idle: 150ms } }
      long: { path: /silent, method: POST, timeouts: { total: 150ms } }
  mcp: { url: "${backend.url}", tools: { hang: { timeouts: { total: 200ms } } } }
  lost:
    type: rest
    primary: ${mute.url}
    tools: { t: { path: /, method: POST, timeouts: { connect: 100ms } } }
  found:
    type: rest
    primary: ${mute.url}
    fallback: ["${service.url}"]
    health_check: { enabled: false }
    timeouts: { connect: 100ms }
    tools: { pay: { path: /, method: POST } }`);
  });
  after(async () => {
    await gateway.close();
    await service.close();
    await backend.close();
    mute.close();
  });

  const call = async (name: string, headers: Readonly<Record<string, string>> = {}) =>
    responseOf(
      await ask(gateway.port, modernRequest('tools/call', { name, arguments: {} }, { headers }), 10_000),
    );
  const ended = async (name: string, limit: string, ms: number, headers = {}): Promise<void> => {
    const { error } = await call(name, headers);
    assert.deepEqual(error?.data, { limit, ms }, JSON.stringify(error));
    assert.match(error.message, new RegExp(`${ms} ms`));
  };

  it('first_byte: an answer does not begin', () => ended('rest_slow', 'first_byte', 150));
  it('idle: an answer begins and does not go on', () => ended('rest_stops', 'idle', 150));
  it('total: it takes too long', () => ended('rest_long', 'total', 150));
  it('total: the client gave it less', () => ended('rest_slow', 'total', 60, { [header]: '60' }));
  it('total: the client has no time left; nothing is sent', async () => {
    const before = service.seen.length;
    await ended('rest_slow', 'total', 0, { [header]: '0' });
    assert.equal(service.seen.length, before);
  });
  it('connect: the server is not reached', () => ended('lost_t', 'connect', 100));

  it('a server that is not reached in time was never called: another instance is, even with a payment', async () => {
    const { result } = await call('found_pay');
    assert.notEqual(result?.isError, true);
    assert.equal(service.seen.at(-1)?.method, 'POST');
  });

  it('the end of a call is told to its server (notifications/cancelled)', async () => {
    const answer = call('mcp_hang');
    const seen = await backend.nextCall('hang');
    const { error } = await answer;
    assert.deepEqual(error?.data, { limit: 'total', ms: 200 });
    await seen.cancelled;
  });
});
