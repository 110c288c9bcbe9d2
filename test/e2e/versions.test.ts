import assert from 'node:assert/strict';
import { filter, firstValueFrom, ReplaySubject, skip, take, toArray, type Observable } from 'rxjs';
import { canary } from '../../src/operators/canary.js';
import { mirror, type MirrorCounts, type MirrorDifference } from '../../src/operators/mirror.js';
import { CanaryGuard, type CanaryHealth } from '../../src/streams/canaryGuard.js';
import { chain } from '../../src/streams/chain.js';
import type { AssembleCalls } from '../../src/streams/ownPipeline.js';
import { startService, type Service } from '../backends/rest/startService.js';
import { ask } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { text } from '../support/mcpTools.js';
import { responseOf } from '../support/messagesOf.js';
import { modernRequest } from '../support/modern.js';
import { openLegacySession } from '../support/openLegacySession.js';
import { openRaw } from '../support/openRaw.js';
import { requestBytes } from '../support/requestBytes.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { within } from '../support/within.js';

describe("A server's new version, through a gateway with a chain of one's own", () => {
  /** The old version is a REST service, the new one an MCP server. */
  let old: Service;
  let fresh: McpBackend;
  let gateway: RunningGateway;
  let counts: MirrorCounts;
  const told = new ReplaySubject<MirrorDifference>();
  const lines = new ReplaySubject<Readonly<Record<string, unknown>>>();
  const aborted = new ReplaySubject<CanaryHealth>();
  const guard = new CanaryGuard({ maxErrors: 0.5, least: 4, onAbort: (health) => aborted.next(health) });

  const calls: AssembleCalls = (stock, { catalog }) => {
    const rest: Parameters<typeof canary>[0] = chain(
      stock.enterServer,
      stock.limitCalls,
      stock.confirmHeaders,
      stock.validateArguments,
      stock.authorize,
      stock.redactArguments,
      stock.openState,
      stock.send,
    );
    const divided = canary(rest, { catalog, from: 'a', to: 'a2', share: 1, header: 'x-version', guard });
    const mirrored = mirror(divided, {
      catalog,
      from: 'b',
      to: 'b2',
      share: 1,
      deadlineMs: 300,
      onDifference: (difference) => told.next(difference),
    });
    ({ counts } = mirrored);
    return chain(stock.resolveTool, mirrored);
  };

  before(async () => {
    old = await startService((_request, response) => {
      response.setHeader('content-type', 'text/plain').end('old');
    });
    fresh = await startMcpBackend({
      tools: {
        read: (call) => {
          const { way, say = 'new' } = call.arguments;
          if (way === 'dies') call.response.destroy();
          else if (way !== 'hangs') call.reply(text(String(say)));
        },
      },
    });
    const write = (fields: Readonly<Record<string, unknown>>): void => lines.next(fields);
    const rest = (name: string): string =>
      `  ${name}: { type: rest, url: "${old.url}", tools: { read: { path: / } } }`;
    const mcp = (name: string): string => `  ${name}: { url: "${fresh.url}" }`;
    gateway = await startGateway(
      `${[rest('a'), mcp('a2'), rest('b'), mcp('b2')].join('\n')}\nnamespaces: { public: { servers: [a] } }`,
      { pipeline: { calls } },
      { debug: write, info: write, warn: write, error: write },
    );
  });
  after(async () => {
    await gateway.close();
    await fresh.close();
    await old.close();
  });

  /** What a client is answered; the message of an error. */
  const read = async (
    tool: string,
    args: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
    path = '/mcp',
  ): Promise<string> => {
    const request = modernRequest('tools/call', { name: tool, arguments: args }, { headers });
    const { result, error } = responseOf(await ask(gateway.port, { ...request, path }));
    return error?.message ?? result?.content?.[0]?.text ?? '';
  };
  const next = <T>(what: string, events$: Observable<T>): Promise<T> =>
    within(5000, what, firstValueFrom(events$));
  /** The next differences that are told. */
  const differences = (count: number) => {
    const from = seen;
    seen += count;
    return next('a difference', told.pipe(skip(from), take(count), toArray()));
  };
  let seen = 0;

  describe('canary', () => {
    it('gets calls under the old name, and the log names it', async () => {
      const line = next(
        'the line of the call',
        lines.pipe(filter(({ event, server }) => event === 'tool_call' && server === 'a2')),
      );
      assert.equal(await read('a_read'), 'new');
      assert.equal((await line)['server'], 'a2');
    });

    it('but not of who asks for the old one, nor of who may not see it', async () => {
      assert.equal(await read('a_read', {}, { 'x-version': 'old' }), 'old');
      assert.equal(await read('read', {}, {}, '/mcp/public'), 'old');
    });

    it('serves clients of both eras at once', async () => {
      const session = await openLegacySession(gateway.port);
      const [modern, legacy] = await Promise.all([read('a_read'), session.call('a_read')]);
      assert.deepEqual([modern, legacy.result?.content?.[0]?.text], ['new', 'new']);
    });

    it('a client that leaves cancels it there', async () => {
      const calls = fresh.calls;
      const connection = await openRaw(gateway.port);
      connection.write(
        requestBytes(
          gateway.port,
          modernRequest('tools/call', { name: 'a_read', arguments: { way: 'hangs' } }),
        ),
      );
      let call = await fresh.nextCall('read');
      while (call.arguments['way'] !== 'hangs') call = await fresh.nextCall('read');
      connection.destroy();
      await within(5000, 'the end of the call', call.abandoned);
      assert.equal(fresh.calls, calls + 1);
    });

    it('that dies in the middle of calls is given up, and the old one goes on', async () => {
      while (!guard.isAborted) assert.notEqual(await read('a_read', { way: 'dies' }), 'old');
      const { failed, answered } = await next('the alarm', aborted);
      assert.ok(failed / answered > 0.5);
      assert.equal(await read('a_read'), 'old');
      assert.equal(await read('a_read', {}, { 'x-version': 'new' }), 'new');
    });
  });

  describe('mirror', () => {
    it('tells where the second answers otherwise; the client has the first', async () => {
      assert.equal(await read('b_read'), 'old');
      const [difference] = await differences(1);
      assert.deepEqual(
        { ...difference, id: '' },
        {
          id: '',
          method: 'tools/call',
          target: 'b_read',
          from: 'b',
          to: 'b2',
          kind: 'different',
          at: [{ at: '/result/content/0/text' }],
        },
      );
    });

    it('tells nothing where it answers the same, of many at once', async () => {
      const before = { ...counts };
      const answers = await Promise.all(Array.from({ length: 10 }, () => read('b_read', { say: 'old' })));
      assert.deepEqual(new Set(answers), new Set(['old']));
      await eventually(5000, 'ten that are the same', () => counts.same - before.same === 10);
      assert.equal(counts.different, before.different);
    });

    it('waits for no second that hangs, and cancels it', async () => {
      assert.equal(await read('b_read', { way: 'hangs' }), 'old');
      let call = await fresh.nextCall('read');
      while (call.arguments['way'] !== 'hangs') call = await fresh.nextCall('read');
      await within(5000, 'the end of the mirrored call', call.abandoned);
      const [late] = await differences(1);
      assert.deepEqual([late?.kind, late?.at], ['late', []]);
    });

    it('fails nothing when the second dies in the middle', async () => {
      assert.equal(await read('b_read', { way: 'dies' }), 'old');
      const [difference] = await differences(1);
      assert.deepEqual(difference?.at, [{ at: '/result' }, { at: '/failure' }]);
    });
  });
});
