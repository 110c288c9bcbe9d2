import assert from 'node:assert/strict';
import { lastValueFrom, toArray } from 'rxjs';
import { httpLink, type HttpLink } from '../../../src/sources/backends/mcp/httpLink.js';
import { ssePool, type SsePool } from '../../../src/sources/backends/mcp/ssePool.js';
import { refusal } from '../../../src/protocol/errors.js';
import type { Reply } from '../../../src/streams/reply.js';
import { silent } from '../../../src/streams/log.js';
import { valve } from '../../../src/streams/valve.js';
import { eventually } from '../../support/eventually.js';
import { within } from '../../support/within.js';
import { backendCall, textOf } from './backendCall.js';
import type { Received } from './scriptedServer.js';
import { sseServer, type SseScript, type SseServer } from './sseServer.js';

const ok = { content: [{ type: 'text', text: 'ok' }] };
const isCall = ({ body }: Received): boolean => body.method === 'tools/call';
const ada = { capabilities: { elicitation: {} }, principalId: 'ada' };
const bob = { ...ada, principalId: 'bob' };

describe('backends/mcp/ssePool', () => {
  let server: SseServer;
  let script: SseScript;
  let link: HttpLink;

  beforeEach(async () => {
    script = { message: (body, stream) => stream.result(body, ok) };
    server = await sseServer(script);
    link = httpLink({
      name: 'test',
      url: server.url,
      headers: {},
      clientInfo: { name: 'test', version: '1' },
      maxMessageBytes: 1024 * 1024,
      log: silent,
      listener: { changed: () => undefined, updated: () => undefined, completed: () => undefined },
    });
  });
  afterEach(async () => {
    await link.destroy();
    await server.close();
  });

  const call = (pool: SsePool, overrides = {}): Promise<Reply[]> =>
    lastValueFrom(pool.send(backendCall('a', overrides)).pipe(toArray()));

  it('ends a session that nobody has used for a while', async () => {
    const pool = ssePool(link, { idleMs: 50 });
    await call(pool, ada);
    const [first] = server.streams;
    await within(2000, 'the end of the stream', first?.closed ?? Promise.reject(new Error('there is none')));
    assert.equal(textOf((await call(pool, ada))[0]), 'ok');
    assert.equal(server.opened, 2);
    pool.end(refusal('ERR_UPSTREAM_UNREACHABLE', 'over'));
  });

  it('lets the longest unused give way, and refuses a call when all are in use', async () => {
    const pool = ssePool(link, { max: 2 });
    await call(pool, ada);
    await call(pool, bob);
    const [adas, bobs] = server.streams;
    script.message = () => undefined;
    const hung = pool.send(backendCall('a', { ...ada, principalId: 'eve' })).subscribe();
    await within(2000, "the end of ada's", adas?.closed ?? Promise.reject(new Error('there is none')));
    await eventually(2000, "eve's", () => server.received.filter(isCall).length === 3);
    assert.ok(server.streams.includes(bobs as (typeof server.streams)[number]));
    const other = pool.send(backendCall('a', bob)).subscribe();
    await eventually(2000, "bob's", () => server.received.filter(isCall).length === 4);
    await assert.rejects(call(pool, ada), { code: 'ERR_SERVER_EXHAUSTED' });
    hung.unsubscribe();
    other.unsubscribe();
    await eventually(2000, 'room', () => server.streams.length === 0);
    script.message = (body, stream) => stream.result(body, ok);
    assert.equal(textOf((await call(pool, ada))[0]), 'ok');
    pool.end(refusal('ERR_UPSTREAM_UNREACHABLE', 'over'));
  });

  it('keeps no connection for a call that left while it was being opened', async () => {
    const pool = ssePool(link);
    script.post = () => true;
    const left = pool.send(backendCall('a', ada)).subscribe();
    await server.next('the handshake', ({ body }) => body.method === 'initialize');
    const [stream] = server.streams;
    left.unsubscribe();
    await within(2000, 'the end of the stream', stream?.closed ?? Promise.reject(new Error('there is none')));
    pool.end(refusal('ERR_UPSTREAM_UNREACHABLE', 'over'));
  });

  it('holds the server back for a client that does not read, and nobody else', async () => {
    const pool = ssePool(link);
    const message = 'y'.repeat(64 * 1024);
    const total = 640;
    let sent = 0;
    script.message = (body, stream) => {
      if (body.params?.['name'] !== 'flood') return stream.result(body, ok);
      const { progressToken } = body.params['_meta'] as { progressToken: number };
      const more = (): void => {
        while (sent < total) {
          const params = { progressToken, progress: ++sent, message };
          if (!stream.say({ jsonrpc: '2.0', method: 'notifications/progress', params }))
            return void stream.request.response.once('drain', more);
        }
        stream.result(body, ok);
      };
      more();
    };
    const demand = valve();
    const replies: Reply[] = [];
    const flooded = new Promise<void>((resolve, reject) => {
      pool.send(backendCall('flood', { progress: true, valve: demand })).subscribe({
        next: (reply) => {
          replies.push(reply);
          if (replies.length === 1) demand.pause();
        },
        complete: resolve,
        error: reject,
      });
    });
    await eventually(2000, 'the first of it', () => replies.length > 0);
    // What the kernel and the sockets buffer is taken; then it stands still, and others go on.
    let before = -1;
    await eventually(5000, 'a standstill', async () => {
      const still = before === sent;
      before = sent;
      assert.equal(textOf((await call(pool, { progress: true })).at(-1)), 'ok');
      return still;
    });
    assert.ok(sent < total && replies.length < 10, `${sent} sent, ${replies.length} came`);
    demand.resume();
    await within(10_000, 'the rest', flooded);
    // None of it is lost.
    assert.equal(replies.length, total + 1);
    pool.end(refusal('ERR_UPSTREAM_UNREACHABLE', 'over'));
  });

  it('fails what is under way when it ends', async () => {
    const pool = ssePool(link);
    script.message = () => undefined;
    const failed = assert.rejects(call(pool, ada), { code: 'ERR_UPSTREAM_FAILED' });
    await server.next('the call', isCall);
    pool.end(refusal('ERR_UPSTREAM_UNREACHABLE', 'over'));
    await failed;
  });
});
