/** A slow instance is helped out by another, on real sockets; and what is told of attempts. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { startService, type Service } from '../backends/rest/startService.js';
import { silent } from '../../src/streams/log.js';
import { modernCall } from '../support/modern.js';
import { samples } from '../support/samples.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { within } from '../support/within.js';

type Line = Readonly<Record<string, unknown>>;
interface Tried {
  readonly instance: string;
  readonly kind: string;
  readonly status: string;
  readonly error?: string;
  readonly started_ms: number;
  readonly duration_ms: number;
}

describe('attempts at a call, over real sockets', function () {
  this.timeout(15_000);
  const closing: (() => Promise<unknown>)[] = [];
  const lines: Line[] = [];
  const lost = new EventEmitter();
  const quiet = 'circuit_breaker: { enabled: false }, health_check: { enabled: false }';
  let gateway: RunningGateway;

  afterEach(async () => {
    lines.length = 0;
    for (const close of closing.splice(0).reverse()) await close();
  });
  const start = async (servers: string): Promise<void> => {
    gateway = await startGateway(servers, {}, { ...silent, info: (fields) => void lines.push(fields) });
    closing.push(() => gateway.close());
  };
  /** A service that answers what `answer` says; undefined for never, and then tells of the connection's end. */
  const service = async (answer: (call: number) => number | undefined, headers = {}): Promise<Service> => {
    let calls = 0;
    const started = await startService((_request, response) => {
      const status = answer(++calls);
      if (status !== undefined)
        return void response
          .writeHead(status, { 'content-type': 'application/json', ...headers })
          .end('{"ok":1}');
      response.once('close', () => lost.emit('close'));
    });
    closing.push(() => started.close());
    return started;
  };
  const rest = (services: readonly Service[], more: string): string =>
    `  shop: { type: rest, urls: [${services.map(({ url }) => `"${url}"`).join(', ')}], strategy: failover, ${quiet}, ` +
    'tools: { read: { path: / }, pay: { path: /, method: POST, input_schema: { type: object } } }, ' +
    `${more} }`;
  const tried = (): readonly Tried[] =>
    lines.find(({ event }) => event === 'tool_call')?.['tried'] as readonly Tried[];
  const told = (): readonly string[] => tried().map(({ kind, status }) => `${kind} ${status}`);
  const count = async (labels: string): Promise<number | undefined> => {
    const seen = samples(await (await fetch(new URL('/metrics', gateway.adminUrl))).text());
    return seen.get(`mcp_gateway_attempts_total{${labels}}`);
  };

  it('a read at a REST instance that is slow is sent to another, and cancelled at the slow one', async () => {
    const [slow, quick] = [await service(() => undefined), await service(() => 200)];
    await start(rest([slow, quick], 'hedge: { after: 50ms }'));
    const cancelled = once(lost, 'close');
    const { result } = await modernCall(gateway.port, 'shop_read');
    assert.deepEqual(result?.['structuredContent'], { ok: 1 });
    await within(3000, 'the slow one to be cancelled', cancelled);
    assert.deepEqual([slow.seen.length, quick.seen.length], [1, 1]);
    assert.deepEqual(told(), ['first outrun', 'hedge success']);
    const [first, second] = tried();
    assert.ok(first !== undefined && second !== undefined);
    assert.ok(first.duration_ms >= second.started_ms - first.started_ms);
    assert.notEqual(first.instance, second.instance);
    assert.equal(await count('server="shop",kind="first",outcome="outrun"'), 1);
    assert.equal(await count('server="shop",kind="hedge",outcome="success"'), 1);
  });

  it('a payment is not, however slow', async () => {
    const [slow, quick] = [await service(() => undefined), await service(() => 200)];
    await start(rest([slow, quick], 'hedge: { after: 1ms }, timeout: 300ms'));
    const { error } = await modernCall(gateway.port, 'shop_pay');
    assert.deepEqual(error?.data, { limit: 'first_byte', ms: 300 });
    assert.equal(quick.seen.length, 0);
  });

  for (const era of ['modern', 'legacy'] as const)
    it(`a read at a slow MCP instance of the ${era} era is cancelled there, when another has answered`, async () => {
      const slow: McpBackend = await startMcpBackend({ era, tools: { echo: () => undefined } });
      const quick = await startMcpBackend({ era });
      closing.push(
        () => slow.close(),
        () => quick.close(),
      );
      const urls = [slow, quick].map(({ url }) => `"${url}"`).join(', ');
      await start(`  shop: { urls: [${urls}], strategy: failover, ${quiet}, hedge: { after: 50ms } }`);
      const answer = modernCall(gateway.port, 'shop_echo');
      const call = await slow.nextCall('echo');
      // The 2025 era says it, the 2026 era closes the connection.
      await within(3000, 'the cancellation', era === 'legacy' ? call.cancelled : call.abandoned);
      assert.equal((await answer).error, undefined);
      assert.deepEqual([slow.calls, quick.calls], [1, 1]);
      assert.deepEqual(told(), ['first outrun', 'hedge success']);
    });

  it('a read that one instance fails tells of both attempts', async () => {
    const [broken, well] = [await service(() => 500), await service(() => 200)];
    await start(rest([broken, well], 'retry: { attempts: 2 }'));
    await modernCall(gateway.port, 'shop_read');
    assert.deepEqual(told(), ['first upstream_failed', 'retry success']);
    assert.equal(tried()[0]?.error, 'ERR_UPSTREAM_FAILED');
    assert.equal(await count('server="shop",kind="retry",outcome="success"'), 1);
  });

  it('a call with one attempt has no list, and is counted', async () => {
    await start(rest([await service(() => 200)], 'retry: { attempts: 2 }'));
    await modernCall(gateway.port, 'shop_pay');
    assert.equal(tried(), undefined);
    assert.equal(await count('server="shop",kind="first",outcome="success"'), 1);
  });

  for (const status of [429, 503])
    it(`a read is sent again to the only instance after ${status}, when it wants to be; a payment is not`, async () => {
      const busy = await service((call) => (call % 2 === 1 ? status : 200), { 'retry-after': '1' });
      await start(
        `  shop: { type: rest, url: "${busy.url}", tools: { read: { path: /, annotations: { readOnlyHint: true } }, pay: { path: /, method: POST } } }`,
      );
      const { result } = await modernCall(gateway.port, 'shop_read');
      assert.deepEqual(result?.['structuredContent'], { ok: 1 });
      const [first, second] = tried();
      assert.ok((second?.started_ms ?? 0) - (first?.started_ms ?? 0) >= 990, 'not before');
      assert.equal((await modernCall(gateway.port, 'shop_pay')).result?.['isError'], true);
      assert.equal(busy.seen.length, 3);
    });

  it('payments go to another instance after one of them was sent away with Retry-After', async () => {
    const [busy, well] = [await service(() => 429, { 'retry-after': '30' }), await service(() => 200)];
    await start(rest([busy, well], 'retry: {}'));
    const failed = [];
    for (let call = 0; call < 4; call++)
      failed.push((await modernCall(gateway.port, 'shop_pay')).result?.['isError'] === true);
    assert.deepEqual(failed, [true, false, false, false]);
    assert.deepEqual([busy.seen.length, well.seen.length], [1, 3]);
  });

  it('a read is not held back for longer than its client waits', async () => {
    const busy = await service(() => 503, { 'retry-after': '3600' });
    await start(
      `  shop: { type: rest, url: "${busy.url}", tools: { read: { path: /, annotations: { readOnlyHint: true } } } }`,
    );
    const { result } = await modernCall(gateway.port, 'shop_read');
    const [content] = result?.['content'] as readonly { readonly text: string }[];
    assert.match(content?.text ?? '', /retry after 3600 s/);
    assert.equal(busy.seen.length, 1);
  });
});
