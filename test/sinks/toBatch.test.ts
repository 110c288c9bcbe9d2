import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { JsonRpcCall } from '../../src/protocol/jsonrpc.js';
import { knownRevision } from '../../src/protocol/revisions/index.js';
import { accepted, end, result, type Answer, type Reply } from '../../src/streams/reply.js';
import { toBatch } from '../../src/sinks/toBatch.js';
import { withOutlets, type OutletServer } from './withOutlets.js';

const request = (id: number | string): JsonRpcCall => ({ jsonrpc: '2.0', id, method: 'tools/call' });
const notification: JsonRpcCall = { jsonrpc: '2.0', method: 'notifications/x' };
const failed = (status?: number): Reply => ({
  kind: 'error',
  error: { code: -32000, message: 'no' },
  ...(status && { status }),
});
const progress: Reply = { kind: 'notification', method: 'notifications/progress', params: {} };

describe('sinks/toBatch', () => {
  let http: OutletServer;
  before(async () => (http = await withOutlets()));
  after(() => http.close());

  const arrive = async (messages: readonly JsonRpcCall[]) => {
    const { client, response } = await http.request();
    const revision = knownRevision('2025-03-26');
    return {
      client,
      response,
      outlets: toBatch(response, { messages, revision, serverInfo: { name: 's', version: '1' } }),
    };
  };

  const rows: [string, readonly [JsonRpcCall, ...Reply[]][], number, readonly unknown[] | undefined][] = [
    [
      'each answer has its id',
      [
        [request(1), result({ a: 1 })],
        [request('1'), result({ b: 2 })],
      ],
      200,
      [1, '1'],
    ],
    [
      'notifications have no answer',
      [
        [notification, accepted],
        [request(0), result({})],
      ],
      200,
      [0],
    ],
    [
      'notifications alone are accepted',
      [
        [notification, accepted],
        [notification, accepted],
      ],
      202,
      undefined,
    ],
    ['progress has no place', [[request(1), progress, result({})]], 200, [1]],
    [
      'one error among answers is in-band',
      [
        [request(1), failed(404)],
        [request(2), result({})],
      ],
      200,
      [1, 2],
    ],
    [
      'an error of all has its status',
      [
        [request(1), failed(404)],
        [notification, failed(404)],
      ],
      404,
      [1],
    ],
    ['an error of all notifications too', [[notification, failed(404)]], 404, undefined],
    [
      'different errors are in-band',
      [
        [request(1), failed(404)],
        [request(2), failed(400)],
      ],
      200,
      [1, 2],
    ],
    ["a backend's error is in-band", [[request(1), failed()]], 200, [1]],
    [
      'a cancelled call has no answer',
      [
        [request(1), end],
        [request(2), result({})],
      ],
      200,
      [2],
    ],
    ['all cancelled', [[request(1), end]], 204, undefined],
  ];
  for (const [name, entries, status, ids] of rows)
    it(name, async () => {
      const { client, outlets } = await arrive(entries.map(([message]) => message));
      for (const [index, [, ...replies]] of entries.entries()) {
        for (const reply of replies) outlets[index]?.next(reply);
        outlets[index]?.complete();
      }
      const answer = await client.answer();
      assert.equal(answer.status, status);
      const got =
        answer.body === '' ? undefined : (JSON.parse(answer.body) as { id: unknown }[]).map(({ id }) => id);
      assert.deepEqual(got, ids);
      client.destroy();
    });

  it('waits for the last, in the order they come', async () => {
    const { client, outlets } = await arrive([request(1), request(2)]);
    outlets[1]?.next(result({}));
    outlets[1]?.complete();
    outlets[0]?.next(result({}));
    assert.equal(client.received, 0);
    outlets[0]?.complete();
    assert.deepEqual(
      (JSON.parse((await client.answer()).body) as { id: number }[]).map(({ id }) => id),
      [2, 1],
    );
    client.destroy();
  });

  it('refuses what a backend asks of the client, so that it does not wait', async () => {
    const { client, outlets } = await arrive([request(1)]);
    const answers: Answer[] = [];
    outlets[0]?.next({
      kind: 'ask',
      method: 'sampling/createMessage',
      params: {},
      answer: (answer) => answers.push(answer),
    });
    assert.deepEqual(answers, [{ error: { code: -32603, message: 'The client can not be asked' } }]);
    outlets[0]?.next(result({}));
    outlets[0]?.complete();
    assert.equal((await client.answer()).status, 200);
    client.destroy();
  });

  it('tells every call of a client that leaves, and sends nothing more', async () => {
    const { client, response, outlets } = await arrive([request(1), request(2)]);
    const gone: string[] = [];
    for (const outlet of outlets) outlet.onGone((why) => gone.push(why));
    const closed = once(response, 'close');
    client.destroy();
    await closed;
    assert.deepEqual(gone, ['left', 'left']);
    for (const outlet of outlets) {
      outlet.next(result({}));
      outlet.complete();
    }
    assert.equal(response.headersSent, false);
  });
});
