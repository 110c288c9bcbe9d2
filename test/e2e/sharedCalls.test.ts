import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { Observable, ReplaySubject, firstValueFrom, take, toArray, type OperatorFunction } from 'rxjs';
import { coalesce } from '../../src/operators/coalesce.js';
import { dedupe } from '../../src/operators/dedupe.js';
import { fault } from '../../src/operators/fault.js';
import { memoryIdempotency } from '../../src/stores/memoryIdempotency.js';
import { chain } from '../../src/streams/chain.js';
import type { AssembleCalls, Checked } from '../../src/streams/ownPipeline.js';
import type { Reply } from '../../src/streams/reply.js';
import { answerOf, service } from '../../src/streams/service.js';
import { text, type ToolCall } from '../support/mcpTools.js';
import { responseOf, type SeenMessage } from '../support/messagesOf.js';
import { ask } from '../support/ask.js';
import { modernRequest } from '../support/modern.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { within } from '../support/within.js';

const keyMeta = 'io.sluice/idempotencyKey';

describe("Calls that are the same, through a gateway with a chain of one's own", () => {
  let backend: McpBackend;
  let gateway: RunningGateway;
  let isFaulty = false;
  /** Each call that has come to the operators, or joined another there; begins anew with each test. */
  let arrived = new ReplaySubject<Checked>();
  const clients: Client[] = [];

  /** Tells when a call has been taken by the part. */
  const noting = (part: OperatorFunction<Checked, Reply>) => {
    const send = answerOf(part);
    return service<Checked, Reply>(
      (exchange) =>
        new Observable((subscriber) => {
          subscriber.add(send(exchange).subscribe(subscriber));
          arrived.next(exchange);
        }),
    );
  };
  const store = memoryIdempotency();
  const calls: AssembleCalls = (stock) =>
    chain(
      stock.resolveTool,
      stock.enterServer,
      stock.limitCalls,
      stock.confirmHeaders,
      stock.validateArguments,
      stock.authorize,
      stock.redactArguments,
      stock.openState,
      stock.sendThrough((attempts) =>
        noting(
          coalesce(
            dedupe(
              fault(attempts, {
                on: () => isFaulty,
                rules: [{ share: 1, tools: ['pay'], cutMs: Infinity }],
              }),
              { store },
            ),
          ),
        ),
      ),
    );

  before(async () => {
    const wait = (): void => undefined;
    backend = await startMcpBackend({ tools: { echo: wait, pay: wait } });
    gateway = await startGateway(`  back: { url: "${backend.url}" }`, { pipeline: { calls } });
  });
  beforeEach(() => {
    isFaulty = false;
    arrived = new ReplaySubject();
  });
  afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));
  after(async () => {
    await gateway.close();
    await backend.close();
  });

  /** Resolves when so many calls of this test have been taken. */
  const taken = (count: number) =>
    within(5000, `${count} calls`, firstValueFrom(arrived.pipe(take(count), toArray())));
  const connected = async (): Promise<Client> => {
    const client = new Client({ name: 'test', version: '1' });
    clients.push(client);
    await client.connect(new StreamableHTTPClientTransport(new URL(gateway.url)));
    return client;
  };
  /** A client of the SDK that calls `echo`, with what it is told. */
  const reading = async (args: Readonly<Record<string, unknown>>, signal?: AbortSignal) => {
    const client = await connected();
    const progress: number[] = [];
    const result = client.request(
      { method: 'tools/call', params: { name: 'back_echo', arguments: args } },
      CallToolResultSchema,
      { onprogress: (seen) => progress.push(seen.progress), ...(signal && { signal }) },
    );
    // Awaited by the test; what fails before that must not be an unhandled rejection.
    result.catch(() => undefined);
    return { progress, result };
  };
  const report = (call: ToolCall, progress: number): boolean =>
    call.notify('notifications/progress', { progressToken: call.meta['progressToken'], progress });
  const pay = (key: string, sum = 1) =>
    modernRequest('tools/call', { name: 'back_pay', arguments: { sum } }, { meta: { [keyMeta]: key } });
  const paid = async (key: string, sum?: number): Promise<SeenMessage> =>
    responseOf(await ask(gateway.port, pay(key, sum)));
  /** Pays as a client whose connection can be cut. */
  const payingBy = (key: string): AbortController => {
    const leaving = new AbortController();
    const { headers, body } = pay(key);
    const common = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    void fetch(gateway.url, {
      method: 'POST',
      headers: { ...common, ...headers } as Record<string, string>,
      body: JSON.stringify(body),
      signal: leaving.signal,
    }).catch(() => undefined);
    return leaving;
  };

  it('two clients that read the same are one call, and each has its answer and its progress', async () => {
    const before = backend.calls;
    const both = [await reading({ a: 1 }), await reading({ a: 1 })];
    await taken(2);
    const call = await backend.nextCall('echo');
    report(call, 1);
    call.reply(text('read once'));
    for (const { result, progress } of both) {
      assert.deepEqual((await result).content, [{ type: 'text', text: 'read once' }]);
      assert.deepEqual(progress, [1]);
    }
    assert.equal(backend.calls - before, 1);
  });

  it('the first that cancels ends nothing for the second; the last ends the call', async () => {
    const leaving = [new AbortController(), new AbortController()];
    const [first, second] = [
      await reading({ b: 1 }, leaving[0]?.signal),
      await reading({ b: 1 }, leaving[1]?.signal),
    ];
    await taken(2);
    const call = await backend.nextCall('echo');
    leaving[0]?.abort('enough');
    await assert.rejects(first.result);
    // The second is told of what comes after that.
    report(call, 1);
    while (second.progress.length === 0) await new Promise((resolve) => setImmediate(resolve));
    leaving[1]?.abort('enough');
    await within(5000, 'the end of the call', call.abandoned);
    await assert.rejects(second.result);
  });

  it('a backend that dies in the middle fails all who wait, and none who comes after', async () => {
    const both = [await reading({ c: 1 }), await reading({ c: 1 })];
    await taken(2);
    const before = backend.calls;
    // A read is tried again, once for all of them.
    (await backend.nextCall('echo')).response.destroy();
    const again = await backend.nextCall('echo');
    again.reply(text('at last'));
    for (const { result } of both)
      assert.deepEqual((await result).content, [{ type: 'text', text: 'at last' }]);
    assert.equal(backend.calls - before, 1);
  });

  it('a call whose client has gone goes on, and who asks again with its key gets its answer', async () => {
    const [key, before] = [randomUUID(), backend.calls];
    const leaving = payingBy(key);
    const call = await backend.nextCall('pay');
    leaving.abort();
    const second = paid(key);
    await taken(2);
    call.reply(text('paid'));
    assert.deepEqual((await second).result?.content, [{ type: 'text', text: 'paid' }]);
    const third = (await paid(key)).result;
    assert.deepEqual(
      [third?.content, third?._meta?.['io.sluice/replayed']],
      [[{ type: 'text', text: 'paid' }], true],
    );
    assert.equal(backend.calls - before, 1);
    const other = await paid(key, 2);
    assert.equal(other.error?.code, -32602);
    assert.match(other.error.message, /use a new one for each call/);
  });

  it('a backend that dies in the middle of a payment is not asked twice', async () => {
    const key = randomUUID();
    const first = paid(key);
    const call = await backend.nextCall('pay');
    const before = backend.calls;
    call.response.destroy();
    const told = (await first).error;
    assert.ok(told);
    assert.deepEqual((await paid(key)).error, told);
    assert.equal(backend.calls, before);
  });

  it('a connection that is cut on purpose: the payment was made, and is not made again', async () => {
    isFaulty = true;
    const key = randomUUID();
    const before = backend.calls;
    const first = paid(key);
    (await backend.nextCall('pay')).reply(text('paid'));
    assert.match((await first).error?.message ?? '', /operator fault/);
    isFaulty = false;
    assert.match((await paid(key)).error?.message ?? '', /operator fault/);
    assert.equal(backend.calls - before, 1);
  });
});
