import assert from 'node:assert/strict';
import {
  startEverythingServer,
  type EverythingServer,
} from '../fixtures/everythingServer/startEverythingServer.js';
import { startFollowing, type FollowingGateway } from '../gateway/startFollowing.js';
import { ask } from '../support/ask.js';
import { responseOf, type SeenMessage } from '../support/messagesOf.js';
import { modernRequest } from '../support/modern.js';

const [oldKey, newKey] = ['1'.repeat(64), '2'.repeat(64)];
const meta = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } };

describe('gateways that share the keys of what clients hold', function () {
  this.timeout(10_000);
  let server: EverythingServer;
  const running: FollowingGateway[] = [];

  before(async () => {
    server = await startEverythingServer({ era: 'modern' });
  });
  afterEach(() => Promise.all(running.splice(0).map(({ gateway }) => gateway.close())));
  after(() => server.close());

  const yaml = (...keys: string[]): string =>
    [
      `state: { keys: [${keys.map((key) => `"${key}"`).join()}] }`,
      'page_size: 2',
      `servers: { s: { url: "${server.url}" } }`,
    ].join('\n');
  const start = async (...keys: string[]): Promise<FollowingGateway> => {
    const started = await startFollowing(yaml(...keys));
    running.push(started);
    return started;
  };

  const call = async ({ port }: FollowingGateway, more = {}, note = 'x'): Promise<SeenMessage> =>
    responseOf(
      await ask(
        port,
        modernRequest(
          'tools/call',
          { name: 's_test_input_required_result_request_state', arguments: { note }, ...more },
          { meta },
        ),
      ),
    );
  const begin = async (gateway: FollowingGateway) => {
    const { result } = await call(gateway);
    assert.equal(result?.['resultType'], 'input_required');
    const [key = ''] = Object.keys(result['inputRequests'] ?? {});
    return {
      inputResponses: { [key]: { action: 'accept', content: { ok: true } } },
      requestState: String(result['requestState']),
    };
  };
  const isDone = async (answer: Promise<SeenMessage>): Promise<void> =>
    assert.match(JSON.stringify(await answer), /state-ok/);
  const isRefused = async (answer: Promise<SeenMessage>): Promise<void> => {
    const { error } = await answer;
    assert.deepEqual([error?.code, error?.data], [-32602, { reason: 'invalid_request_state' }]);
  };
  const page = async ({ port }: FollowingGateway, cursor?: unknown): Promise<SeenMessage> =>
    responseOf(await ask(port, modernRequest('tools/list', cursor === undefined ? {} : { cursor })));

  it('a round begun on one is answered on the other; not when altered, nor with other arguments', async () => {
    const [a, b] = [await start(newKey), await start(newKey)];
    const retry = await begin(a);
    await isRefused(call(b, { ...retry, requestState: `${retry.requestState.slice(0, -2)}AA` }));
    await isRefused(call(b, retry, 'something else'));
    await isDone(call(b, retry));
  });

  it('a page begun on one goes on on the other', async () => {
    const [a, b] = [await start(newKey), await start(newKey)];
    const cursor = (await page(a)).result?.['nextCursor'];
    const [ofA, ofB] = [await page(a, cursor), await page(b, cursor)];
    assert.ok(Array.isArray(ofB.result?.['tools']) && ofB.result['tools'].length === 2);
    assert.deepEqual(ofB.result['tools'], ofA.result?.['tools']);
  });

  it('those with keys of their own take nothing from each other', async () => {
    const [a, b] = [await start(), await start()];
    await isRefused(call(b, await begin(a)));
    const cursor = (await page(a)).result?.['nextCursor'];
    assert.equal((await page(b, cursor)).error?.code, -32602);
  });

  it('a rotation while running: what the old key sealed goes on until that key is gone', async () => {
    const gateway = await start(oldKey);
    const [first, second] = [await begin(gateway), await begin(gateway)];
    const cursor = (await page(gateway)).result?.['nextCursor'];
    gateway.configure(yaml(newKey, oldKey));
    await isDone(call(gateway, first));
    assert.ok((await page(gateway, cursor)).result !== undefined);
    const fresh = await begin(gateway);
    gateway.configure(yaml(newKey));
    await isRefused(call(gateway, second));
    assert.equal((await page(gateway, cursor)).error?.code, -32602);
    await isDone(call(gateway, fresh));
  });
});
