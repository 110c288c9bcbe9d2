/** One trace from the client through the gateway to the server, as a collector sees it, on real sockets. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { startService, type Service } from '../backends/rest/startService.js';
import type { ScriptedServer } from '../backends/mcp/scriptedServer.js';
import { ask } from '../support/ask.js';
import { modernCall, modernRequest } from '../support/modern.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startOtlp, type Otlp, type SeenSpan } from '../support/startOtlp.js';
import { faithfulServer, type Era } from './fidelity/faithfulServer.js';
import { rawClient, type RawClient } from './fidelity/rawClient.js';

const eras = ['legacy', 'modern'] as const;
const [internal, server, client] = [1, 2, 3];

/** A fresh context as a client's own span would have. */
let fresh = 0;
const context = (flags = '01') => {
  const spanId = (0xb7ad6b7169203331n + BigInt(++fresh)).toString(16);
  const traceId = (0x0af7651916cd43dd8448eb211c80319cn + BigInt(fresh)).toString(16).padStart(32, '0');
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` };
};

describe('traces of calls', () => {
  const servers: Partial<Record<Era, ScriptedServer>> = {};
  let service: Service;
  let collector: Otlp;
  let gateway: RunningGateway;
  const clients: Partial<Record<Era, RawClient>> = {};

  before(async () => {
    for (const era of eras) servers[era] = await faithfulServer(era, () => false);
    service = await startService((request, response) => {
      if (request.url === '/broken') response.writeHead(500).end();
      else if (request.url !== '/silent') response.setHeader('content-type', 'application/json').end('{}');
    });
    collector = await startOtlp();
    gateway = await startGateway(
      [
        ...eras.map((era) => `  ${era}: { url: '${servers[era]?.url ?? ''}', protocol: ${era} }`),
        `  rest: { type: rest, url: '${service.url}', tools: { rich: { path: / }, broken: { path: /broken, method: POST }, silent: { path: /silent, timeout: 100ms } } }`,
        'telemetry:',
        '  service: gate',
        '  resource: { deployment.environment.name: test }',
        `  otlp: { endpoint: '${collector.url}', protocol: http/json, headers: { X-Key: secret }, compression: gzip, interval: 10ms }`,
        '  traces: { ratio: 0 }',
      ].join('\n'),
    );
    for (const era of eras) clients[era] = await rawClient(era, gateway.port);
  });
  after(async () => {
    await gateway.close();
    await collector.close();
    await service.close();
    for (const era of eras) await servers[era]?.close();
  });

  /** The spans of a trace, when its SERVER span is there. */
  const traceOf = async (traceId: string): Promise<readonly SeenSpan[]> => {
    const isOf = (span: SeenSpan): boolean => span.traceId === traceId;
    const spans = await collector.until(`the trace ${traceId}`, (seen) =>
      seen.some((span) => isOf(span) && span.kind === server),
    );
    return spans.filter(isOf);
  };
  const only = (spans: readonly SeenSpan[], kind: number): SeenSpan => {
    const [one, ...more] = spans.filter((span) => span.kind === kind);
    assert.ok(one !== undefined && more.length === 0, `${kind}: ${spans.map(({ name }) => name).join(', ')}`);
    return one;
  };
  /** The context that arrived with the last call. */
  const arrived = (name: string): { readonly meta: unknown; readonly header: unknown } => {
    if (name === 'rest') return { meta: undefined, header: service.seen.at(-1)?.headers['traceparent'] };
    const call = servers[name as Era]?.received.findLast(({ body }) => body.method === 'tools/call');
    const meta = call?.body.params?.['_meta'] as Readonly<Record<string, unknown>> | undefined;
    return { meta: meta?.['traceparent'], header: call?.headers['traceparent'] };
  };

  for (const era of eras)
    for (const target of ['legacy', 'modern', 'rest'])
      it(`connect a ${era} client with a ${target} server`, async () => {
        const own = context();
        await clients[era]?.send(
          'tools/call',
          { name: `${target}_rich`, arguments: { kind: 'a' } },
          { traceparent: own.traceparent, tracestate: 'vendor=1', baggage: 'user=7' },
        );
        const spans = await traceOf(own.traceId);
        const call = only(spans, server);
        const attempt = only(spans, client);
        assert.equal(call.parentSpanId, own.spanId);
        assert.equal(attempt.parentSpanId, call.spanId);
        assert.deepEqual([call.traceState, attempt.traceState], ['vendor=1', 'vendor=1']);
        const told = `00-${own.traceId}-${attempt.spanId}-01`;
        assert.deepEqual(arrived(target), { meta: target === 'rest' ? undefined : told, header: told });
        assert.ok(call.start <= attempt.start && attempt.end <= call.end && attempt.start <= attempt.end);
        assert.equal(call.name, `tools/call ${target}_rich`);
        assert.equal(attempt.name, 'tools/call rich');
        const { attributes } = call;
        assert.equal(attributes['mcp.method.name'], 'tools/call');
        assert.equal(attributes['gen_ai.operation.name'], 'execute_tool');
        assert.equal(attributes['gen_ai.tool.name'], `${target}_rich`);
        assert.equal(attributes['mcp.protocol.version'], era === 'modern' ? '2026-07-28' : '2025-11-25');
        assert.equal(attributes['network.transport'], 'tcp');
        assert.ok(attributes['jsonrpc.request.id'] !== undefined);
        assert.equal(attributes['mcp.session.id'] === undefined, era === 'modern');
        assert.equal(attributes['sluice.outcome'], 'success');
        assert.equal(attempt.attributes['sluice.server'], target);
        assert.equal(call.isFailed || attempt.isFailed, false);
        assert.ok(spans.some((span) => span.kind === internal && span.name === 'parse'));
        assert.equal(call.resource['service.name'], 'gate');
        assert.equal(call.resource['deployment.environment.name'], 'test');
      });

  it('take the context of the HTTP request where the message has none', async () => {
    const own = context();
    const { body, headers } = modernRequest('tools/call', { name: 'rest_rich' });
    await ask(gateway.port, { body, headers: { ...headers, traceparent: own.traceparent } }, 5000);
    assert.equal(only(await traceOf(own.traceId), server).parentSpanId, own.spanId);
  });

  it('link the context of the HTTP request where the message has its own', async () => {
    const own = context();
    const around = context();
    const meta = { traceparent: own.traceparent };
    const { body, headers } = modernRequest('tools/call', { name: 'rest_rich' }, { meta });
    await ask(gateway.port, { body, headers: { ...headers, traceparent: around.traceparent } }, 5000);
    const call = only(await traceOf(own.traceId), server);
    assert.deepEqual(call.links, [`${around.traceId}-${around.spanId}`]);
  });

  it('have a span for what refused, and none for a server that was not asked', async () => {
    const own = context();
    await clients.modern?.send('tools/call', { name: 'nobody_knows' }, { traceparent: own.traceparent });
    const spans = await traceOf(own.traceId);
    const call = only(spans, server);
    assert.equal(call.name, 'tools/call', 'a word of a client is no name');
    assert.equal(call.isFailed, true);
    assert.equal(call.attributes['error.type'], '-32602');
    assert.equal(call.attributes['sluice.error'], 'ERR_TOOL_UNKNOWN');
    const refusing = spans.find(({ name }) => name === 'resolveTool');
    assert.equal(refusing?.parentSpanId, call.spanId);
    assert.equal(refusing.isFailed, true);
    assert.equal(spans.filter(({ kind }) => kind === client).length, 0);
  });

  it('say what a tool failed in', async () => {
    const own = context();
    await clients.modern?.send('tools/call', { name: 'rest_broken' }, { traceparent: own.traceparent });
    const call = only(await traceOf(own.traceId), server);
    assert.equal(call.attributes['error.type'], 'tool_error');
    assert.equal(call.isFailed, true);
  });

  it('are not taken of a call whose caller is not traced, and its server is told so', async () => {
    const quiet = context('00');
    const next = context();
    await clients.modern?.send(
      'tools/call',
      { name: 'legacy_rich', arguments: { kind: 'a' } },
      { traceparent: quiet.traceparent },
    );
    assert.match(String(arrived('legacy').meta), new RegExp(`^00-${quiet.traceId}-[0-9a-f]{16}-00$`));
    await clients.modern?.send(
      'tools/call',
      { name: 'legacy_rich', arguments: { kind: 'a' } },
      { traceparent: next.traceparent },
    );
    await traceOf(next.traceId);
    assert.ok(!collector.spans.some(({ traceId }) => traceId === quiet.traceId));
  });

  it('begin here where the caller has none, and are told of when the call failed', async () => {
    await modernCall(gateway.port, 'rest_rich');
    const told = /^00-([0-9a-f]{32})-[0-9a-f]{16}-00$/.exec(
      String(service.seen.at(-1)?.headers['traceparent']),
    );
    assert.ok(told?.[1]);
    await modernCall(gateway.port, 'rest_silent');
    const of = (span: SeenSpan): boolean =>
      span.attributes['sluice.outcome'] === 'timeout' && span.kind === server;
    const failed = (await collector.until('the call that failed', (spans) => spans.some(of))).find(of);
    assert.equal(failed?.parentSpanId, undefined);
    assert.equal(failed?.attributes['gen_ai.tool.name'], 'rest_silent');
    assert.ok(!collector.spans.some(({ traceId }) => traceId === told[1]));
  });

  it('leave malformed contexts behind', async () => {
    const own = context();
    const meta = { traceparent: `${own.traceparent}-more`, tracestate: 'a=1', baggage: 'x'.repeat(9000) };
    await clients.modern?.send('tools/call', { name: 'modern_rich', arguments: { kind: 'a' } }, meta);
    const call = servers.modern?.received.findLast(({ body }) => body.method === 'tools/call');
    const sent = call?.body.params?.['_meta'] as Readonly<Record<string, unknown>>;
    assert.match(String(sent['traceparent']), /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    assert.ok(!String(sent['traceparent']).includes(own.traceId));
    assert.deepEqual([sent['tracestate'], sent['baggage']], [undefined, undefined]);
  });

  it('go to the collector with its credential, compressed, and show no session', () => {
    const [first] = collector.requests;
    assert.equal(first?.path, '/v1/traces');
    assert.equal(first.headers['x-key'], 'secret');
    assert.equal(first.headers['content-encoding'], 'gzip');
    const session = servers.legacy?.received[0]?.headers['mcp-session-id'];
    for (const { body } of collector.requests)
      assert.ok(session === undefined || !body.includes(String(session)));
  });
});

const witness = fileURLToPath(new URL('../support/stdioWitness.mjs', import.meta.url));

describe('traces of calls that are more than one question and its answer', () => {
  const closing: (() => Promise<unknown>)[] = [];
  let collector: Otlp;
  let service: Service;
  let gateway: RunningGateway;
  /** Answers of the service that wait to be given. */
  const waiting: ServerResponse[] = [];
  const arrivals = new EventEmitter();

  before(async () => {
    collector = await startOtlp();
    const dead = await startService();
    await dead.close();
    service = await startService((request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.url !== '/late') return void response.end('{}');
      waiting.push(response);
      arrivals.emit('late');
    });
    gateway = await startGateway(
      `  pair: { type: rest, urls: ['${dead.url}', '${service.url}'], strategy: failover, circuit_breaker: { enabled: false }, health_check: { enabled: false }, tools: { get: { path: / } } }
  late: { type: rest, url: '${service.url}', tools: { get: { path: /late }, job: { path: /late, task: true } } }
  child: { type: stdio, command: '${process.execPath}', args: ['${witness}'] }
telemetry:
  otlp: { endpoint: '${collector.url}', protocol: http/json, interval: 10ms }
  traces: {}
`,
    );
    closing.push(
      () => gateway.close(),
      () => collector.close(),
      () => service.close(),
    );
  });
  after(async () => {
    for (const close of closing) await close();
  });

  const of = (name: string, kind: number) => (span: SeenSpan) => span.name === name && span.kind === kind;
  const attemptsOf = (spans: readonly SeenSpan[], call: SeenSpan) =>
    spans.filter(({ kind, parentSpanId }) => kind === client && parentSpanId === call.spanId);
  const called = async (
    name: string,
  ): Promise<{ readonly call: SeenSpan; readonly spans: readonly SeenSpan[] }> => {
    const spans = await collector.until(name, (seen) => seen.some(of(`tools/call ${name}`, server)));
    return { spans, call: spans.find(of(`tools/call ${name}`, server)) as SeenSpan };
  };

  it('an attempt at each instance is a branch of its own', async () => {
    await modernCall(gateway.port, 'pair_get');
    const { call, spans } = await called('pair_get');
    const [first, second, ...more] = attemptsOf(spans, call);
    assert.ok(first !== undefined && second !== undefined && more.length === 0);
    assert.deepEqual([first.isFailed, second.isFailed, call.isFailed], [true, false, false]);
    assert.equal(first.attributes['error.type'], 'ERR_UPSTREAM_UNREACHABLE');
    assert.notEqual(first.attributes['sluice.instance'], second.attributes['sluice.instance']);
    assert.deepEqual(
      [first, second].map(({ attributes }) => attributes['sluice.attempt']),
      [1, 2],
    );
    assert.equal(service.seen.at(-1)?.headers['traceparent'], `00-${call.traceId}-${second.spanId}-01`);
  });

  it('a call that its client gives up is cancelled, and no error', async () => {
    const { headers, body } = modernRequest('tools/call', { name: 'late_get' });
    const giveUp = new AbortController();
    const asked = fetch(gateway.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(headers as Record<string, string>),
      },
      body: JSON.stringify(body),
      signal: giveUp.signal,
    });
    if (waiting.length === 0) await once(arrivals, 'late');
    giveUp.abort();
    await assert.rejects(asked);
    const { call, spans } = await called('late_get');
    const [attempt] = attemptsOf(spans, call);
    assert.deepEqual(
      [call, attempt].map((span) => [span?.attributes['sluice.outcome'], span?.isFailed]),
      [
        ['cancelled', false],
        ['cancelled', false],
      ],
    );
    waiting.length = 0;
  });

  it('a task goes on in the trace of the call that began it', async () => {
    const key = 'io.modelcontextprotocol/clientCapabilities';
    const meta = { [key]: { extensions: { 'io.modelcontextprotocol/tasks': {} } } };
    await ask(gateway.port, modernRequest('tools/call', { name: 'late_job' }, { meta }), 5000);
    const { call } = await called('late_job');
    if (waiting.length === 0) await once(arrivals, 'late');
    assert.equal(attemptsOf(collector.spans, call).length, 0, 'it has not ended');
    waiting.pop()?.end('{}');
    const spans = await collector.until('its end', (seen) => attemptsOf(seen, call).length > 0);
    const [attempt] = attemptsOf(spans, call);
    assert.ok(attempt !== undefined && attempt.end > call.end);
    assert.equal(attempt.attributes['sluice.outcome'], 'success');
  });

  it('a child process is told in _meta, as there is nowhere else', async () => {
    const { result } = await modernCall(gateway.port, 'child_witness');
    const { call, spans } = await called('child_witness');
    const [attempt] = attemptsOf(spans, call);
    assert.equal(attempt?.attributes['network.transport'], 'pipe');
    assert.ok(
      JSON.stringify(result).includes(`00-${call.traceId}-${attempt.spanId}-01`),
      JSON.stringify(result),
    );
  });
});
