import assert from 'node:assert/strict';
import { sseServer, type SseServer } from '../backends/mcp/sseServer.js';
import { startService, type Service } from '../backends/rest/startService.js';
import type { ScriptedServer } from '../backends/mcp/scriptedServer.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { faithfulServer } from './fidelity/faithfulServer.js';
import { rawClient, type RawClient } from './fidelity/rawClient.js';

const trace = {
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: 'vendor=t61rcWkgMzE,other@tenant=1',
  baggage: 'userId=al%C3%AFce,isProduction=false;property=x',
};
type Trace = Readonly<Record<keyof typeof trace, unknown>>;
const none: Trace = { traceparent: undefined, tracestate: undefined, baggage: undefined };

const traceIn = ({ traceparent, tracestate, baggage }: Readonly<Record<string, unknown>>): Trace => ({
  traceparent,
  tracestate,
  baggage,
});

/** What a client sends in `_meta`, and what of it arrives. */
const cases: Readonly<Record<string, readonly [Readonly<Record<string, unknown>>, Trace]>> = {
  'arrives whole': [trace, trace],
  'arrives as far as it is well-formed': [
    { ...trace, tracestate: 'no state' },
    { ...trace, tracestate: undefined },
  ],
  'is dropped when it is malformed, and the call goes on': [
    { traceparent: '00-zz', tracestate: trace.tracestate, baggage: 'no baggage\r\nx: y' },
    none,
  ],
  'is dropped when it is no text': [{ traceparent: 7, tracestate: [], baggage: {} }, none],
};

describe('trace context of a call', () => {
  const servers: Partial<Record<string, ScriptedServer>> = {};
  let service: Service;
  let old: SseServer;
  let posted: Record<string, unknown> | undefined;
  let gateway: RunningGateway;

  before(async () => {
    for (const era of ['legacy', 'modern'] as const) servers[era] = await faithfulServer(era, () => false);
    service = await startService();
    old = await sseServer({
      message(body, stream) {
        if (body.method === 'tools/call') posted = body.params;
        stream.result(
          body,
          body.method === 'tools/list'
            ? { tools: [{ name: 'rich', inputSchema: { type: 'object' } }] }
            : { content: [] },
        );
      },
    });
    gateway = await startGateway(
      [
        ...Object.entries(servers).map(
          ([era, server]) => `  ${era}: { url: '${server?.url ?? ''}', protocol: ${era} }`,
        ),
        `  sse: { url: '${old.url}', protocol: sse }`,
        `  rest: { type: rest, url: '${service.url}', tools: { rich: { path: / } } }`,
      ].join('\n'),
    );
  });
  after(async () => {
    await gateway.close();
    await service.close();
    await old.close();
    for (const server of Object.values(servers)) await server?.close();
  });

  /** What arrived with the last call: in `_meta`, and in headers of a service. */
  const arrived = (server: string): Trace => {
    if (server === 'rest') return traceIn(service.seen.at(-1)?.headers ?? {});
    if (server === 'sse') return traceIn((posted?.['_meta'] ?? {}) as Record<string, unknown>);
    const call = servers[server]?.received.findLast(({ body }) => body.method === 'tools/call');
    return traceIn((call?.body.params?.['_meta'] ?? {}) as Record<string, unknown>);
  };

  for (const era of ['legacy', 'modern'] as const)
    describe(`from a ${era} client`, () => {
      let client: RawClient;
      before(async () => {
        client = await rawClient(era, gateway.port);
      });

      for (const server of ['legacy', 'modern', 'sse', 'rest'])
        for (const [what, [sent, expected]] of Object.entries(cases))
          it(`to ${server}: ${what}`, async () => {
            const params = { name: `${server}_rich`, arguments: { kind: 'a' } };
            const { answer } = await client.send('tools/call', params, sent);
            assert.notEqual(answer.result?.isError, true, JSON.stringify(answer));
            assert.deepEqual(arrived(server), expected);
          });
    });
});
