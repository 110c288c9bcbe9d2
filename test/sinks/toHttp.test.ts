import assert from 'node:assert/strict';
import { once } from 'node:events';
import { knownRevision } from '../../src/protocol/revisions/index.js';
import type { Departure } from '../../src/streams/exchange.js';
import { accepted, end, open, result, type Reply } from '../../src/streams/reply.js';
import { Heartbeat } from '../../src/sinks/heartbeat.js';
import { toHttp, type ToHttpOptions } from '../../src/sinks/toHttp.js';
import { eventually } from '../support/eventually.js';
import { messagesOf } from '../support/messagesOf.js';
import { untilRead } from './untilRead.js';
import { withOutlets, type OutletServer } from './withOutlets.js';

const progress = (n: number, text = ''): Reply => ({
  kind: 'notification',
  method: 'notifications/progress',
  params: { progress: n, text },
});
const answer = result({ content: [] });
const error = (status?: number): Reply => ({
  kind: 'error',
  error: { code: -32602, message: 'no' },
  ...(status && { status }),
});
const both = { json: true, sse: true };

describe('sinks/toHttp', () => {
  let http: OutletServer;
  let heartbeat: Heartbeat;
  beforeEach(async () => {
    http = await withOutlets();
    heartbeat = new Heartbeat(10);
  });
  afterEach(async () => {
    heartbeat.close();
    await http.close();
  });

  /** A request, and the outlet of its response. */
  const arrive = async (options: Partial<ToHttpOptions> = {}) => {
    const { client, response } = await http.request();
    const outlet = toHttp(response, {
      message: { jsonrpc: '2.0', id: 7, method: 'tools/call' },
      revision: knownRevision('2025-11-25'),
      accepts: both,
      serverInfo: { name: 'sluice', version: '1' },
      heartbeat,
      heartbeatMs: 60_000,
      slowClientTimeoutMs: 60_000,
      ...options,
    });
    const gone: Departure[] = [];
    outlet.onGone((why) => gone.push(why));
    return { client, response, outlet, gone };
  };

  const notification = { jsonrpc: '2.0', method: 'notifications/x' } as const;
  const rows: [string, readonly Reply[], Partial<ToHttpOptions>, number, string | undefined, number][] = [
    ['an answer alone is JSON', [answer], {}, 200, 'application/json', 1],
    ['progress first makes it a stream', [progress(1), answer], {}, 200, 'text/event-stream', 2],
    [
      'who takes JSON alone gets no progress',
      [progress(1), answer],
      { accepts: { json: true, sse: false } },
      200,
      'application/json',
      1,
    ],
    [
      'who takes SSE alone gets a stream',
      [answer],
      { accepts: { json: false, sse: true } },
      200,
      'text/event-stream',
      1,
    ],
    [
      'who likes SSE better gets a stream',
      [answer],
      { accepts: { json: true, sse: true, prefersSse: true } },
      200,
      'text/event-stream',
      1,
    ],
    ['a refusal has its status', [error(404)], {}, 404, 'application/json', 1],
    [
      'a refusal has its status whatever is accepted',
      [error(404)],
      { accepts: { json: false, sse: true } },
      404,
      'application/json',
      1,
    ],
    ["a backend's error is in-band", [error()], {}, 200, 'application/json', 1],
    ['after a first frame the status is spent', [progress(1), error(404)], {}, 200, 'text/event-stream', 2],
    ['an accepted notification is 202', [accepted], { message: notification }, 202, undefined, 0],
    [
      'an ended session is 204',
      [{ kind: 'accepted', status: 204 }],
      { message: notification },
      204,
      undefined,
      0,
    ],
    ['a cancelled call ends its stream', [progress(1), end], {}, 200, 'text/event-stream', 1],
    ['a cancelled call without a stream', [end], { accepts: { json: true, sse: false } }, 204, undefined, 0],
    ['a pipeline that says nothing', [], {}, 204, undefined, 0],
    ['an open stream that ends', [open], { message: notification }, 200, 'text/event-stream', 0],
    ['nothing leaves after the answer', [answer, progress(2), answer], {}, 200, 'application/json', 1],
  ];
  for (const [name, replies, options, status, type, count] of rows)
    it(name, async () => {
      const { client, outlet, gone } = await arrive(options);
      for (const reply of replies) outlet.next(reply);
      outlet.complete();
      const got = await client.answer();
      assert.equal(got.status, status);
      assert.equal(got.headers['content-type'], type);
      assert.equal(got.body === '' ? 0 : messagesOf(got).length, count);
      assert.deepEqual(gone, []);
      await eventually(8000, 'no stream is left in the heartbeat', () => heartbeat.size === 0);
      client.destroy();
    });

  it('a stream may not be buffered, and its frames come as they are sent', async () => {
    const { client, outlet } = await arrive();
    outlet.next(progress(1));
    const head = await client.seen('"progress":1');
    for (const header of ['cache-control: no-cache, no-transform', 'x-accel-buffering: no'])
      assert.ok(head.toLowerCase().includes(header), header);
    outlet.next(progress(2));
    outlet.next(progress(3));
    assert.ok(!(await client.seen('"progress":3')).includes('"id":7'));
    outlet.next(answer);
    const frames = await client.seen('"id":7');
    assert.match(frames, /event: message\ndata: \{"jsonrpc":"2\.0","id":7,"result":\{"content":\[\]\}\}\n\n/);
    client.destroy();
  });

  it('carries the headers of a reply', async () => {
    const { client, outlet } = await arrive();
    outlet.next({ ...answer, headers: { 'mcp-session-id': 's' } });
    assert.equal((await client.answer()).headers['mcp-session-id'], 's');
    client.destroy();
  });

  it('a silent call gets comments, and its answer after them', async () => {
    const { client, outlet } = await arrive({ heartbeatMs: 30 });
    await client.seen(': keep-alive\n\n');
    outlet.next(answer);
    outlet.complete();
    assert.equal(messagesOf(await client.answer()).length, 1);
    client.destroy();
  });

  it('who takes no SSE waits in silence', async () => {
    const { client, outlet } = await arrive({ heartbeatMs: 20, accepts: { json: true, sse: false } });
    // One that came later and takes SSE has had its comment by now.
    const other = await arrive({ heartbeatMs: 20 });
    await other.client.seen(': keep-alive\n\n');
    other.client.destroy();
    assert.equal(client.received, 0);
    outlet.next(answer);
    assert.equal((await client.answer()).headers['content-type'], 'application/json');
    client.destroy();
  });

  it('tells when the client leaves, once, and sends nothing more', async () => {
    const { client, response, outlet, gone } = await arrive();
    outlet.next(progress(1));
    await client.seen('progress');
    const closed = once(response, 'close');
    client.destroy();
    await closed;
    assert.deepEqual(gone, ['left']);
    outlet.next(progress(2));
    outlet.next(answer);
    outlet.complete();
    assert.equal(heartbeat.size, 0);
    assert.equal(outlet.valve.open, true, 'a call that goes on must not wait for a drain that will not come');
  });

  it('tells at once of a client that had left before', async () => {
    const { client, response } = await http.request();
    const closed = once(response, 'close');
    client.destroy();
    await closed;
    const outlet = toHttp(response, {
      message: { jsonrpc: '2.0', id: 7, method: 'tools/call' },
      revision: knownRevision('2026-07-28'),
      accepts: both,
      serverInfo: { name: 'sluice', version: '1' },
      heartbeat,
      heartbeatMs: 60_000,
      slowClientTimeoutMs: 60_000,
    });
    const gone: Departure[] = [];
    outlet.onGone((why) => gone.push(why));
    assert.deepEqual(gone, ['left']);
    assert.equal(heartbeat.size, 0, 'it would stay there for ever');
  });

  /** Sends until the client's buffers are full. */
  const fill = (outlet: ReturnType<typeof toHttp>): number => {
    let n = 0;
    while (outlet.valve.open && n < 2000) outlet.next(progress(++n, 'x'.repeat(64 * 1024)));
    return n;
  };

  it('closes its valve when the client is full and opens it when it reads', async () => {
    const { client, outlet } = await arrive();
    client.socket.pause();
    const sent = fill(outlet);
    assert.equal(outlet.valve.open, false, `still open after ${sent} frames`);
    client.socket.resume();
    await eventually(5000, 'the valve opens', () => outlet.valve.open);
    outlet.next(answer);
    outlet.complete();
    assert.equal(messagesOf(await client.answer()).length, sent + 1);
    client.destroy();
  });

  it('cuts off a client that does not read', async () => {
    const { client, response, outlet, gone } = await arrive({ slowClientTimeoutMs: 50 });
    client.socket.pause();
    const closed = once(response, 'close');
    // The first bytes vanish in the kernel's buffers, which drain by themselves.
    for (let n = 0; !response.destroyed && n < 2000; n++) {
      fill(outlet);
      await Promise.race([untilRead(outlet.valve), closed]);
    }
    await closed;
    assert.deepEqual(gone, ['slow']);
    assert.equal(heartbeat.size, 0);
    client.destroy();
  });

  for (const [name, first] of [
    ['alone', []],
    ['after progress', [progress(1)]],
  ] as const)
    it(`a long answer ${name} arrives whole, in slices`, async () => {
      const { client, outlet } = await arrive();
      const text = 'ä😀x'.repeat(400_000);
      for (const reply of first) outlet.next(reply);
      outlet.next(result({ content: [{ type: 'text', text }] }));
      outlet.complete();
      const got = messagesOf(await client.answer(20_000)).at(-1);
      assert.equal(got?.result?.content?.[0]?.text === text, true);
      client.destroy();
    });
});
