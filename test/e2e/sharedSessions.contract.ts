import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { watchedResource } from '../fixtures/everythingServer/world.js';
import { ask } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { counts as countsOf } from '../support/counts.js';
import { responseOf } from '../support/messagesOf.js';
import { leavingTransport } from '../support/leavingTransport.js';
import { modernCall } from '../support/modern.js';
import { openLegacySession, type LegacySession } from '../support/openLegacySession.js';
import { openRaw, type RawConnection } from '../support/openRaw.js';
import { requestBytes, type RequestParts } from '../support/requestBytes.js';
import type { Sharing, SharingGateway, StartSharing } from '../support/sharing.js';
import { sseEvents } from '../support/sseEvents.js';
import { text } from '../support/mcpTools.js';
import { startStage, transportStory, type Stage } from '../support/transportStory.js';
import { within } from '../support/within.js';

/** What gateways that share their sessions promise, whatever they share them by. */
export const sharedSessions = (start: StartSharing): void => {
  let stage: Stage;
  let sharing: Sharing;
  let gateways: readonly [SharingGateway, SharingGateway, SharingGateway];
  before(async () => {
    stage = await startStage();
    sharing = await start(stage.servers);
    gateways = [await sharing.add(), await sharing.add(), await sharing.add()];
  });
  after(async () => {
    await sharing.close();
    await stage.close();
  });

  /** A front that gives each request to another one than the last. */
  const inTurn = (): typeof fetch => {
    let requests = 0;
    return (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      url.port = String(gateways[requests++ % 3]?.port);
      return fetch(url, init);
    };
  };
  const counts = async () => {
    const all = await Promise.all(gateways.map(({ adminUrl }) => countsOf(adminUrl)));
    const sum = (name: 'calls' | 'streams') => all.reduce((total, each) => total + each[name], 0);
    // Some stores know all sessions of all instances, some their own.
    return {
      calls: sum('calls'),
      streams: sum('streams'),
      sessions: Math.max(...all.map(({ sessions }) => sessions)),
    };
  };

  describe('The official client over Streamable HTTP, each request to another', () => {
    transportStory({
      stage: () => stage,
      transport: () => leavingTransport('http://127.0.0.1:1/mcp', inTurn()),
      counts,
    });

    it('hears of the resource that it subscribed to', async () => {
      const client = new Client({ name: 'test', version: '1' });
      const heard = new Promise<string>((resolve) => {
        client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => resolve(params.uri));
      });
      await client.connect(leavingTransport('http://127.0.0.1:1/mcp', inTurn()));
      await client.subscribeResource({ uri: watchedResource });
      await modernCall(gateways[0].port, 'every_test_trigger_resource_update');
      assert.equal(await within(5000, 'the update', heard), watchedResource);
      await client.unsubscribeResource({ uri: watchedResource });
      await client.close();
    });
  });

  describe('The official client over HTTP+SSE, each request to another', () => {
    transportStory({
      stage: () => stage,
      transport: () => new SSEClientTransport(new URL(`http://127.0.0.1:1/sse`), { fetch: inTurn() }),
      counts,
    });
  });

  describe('A session', () => {
    let home: SharingGateway;
    let other: SharingGateway;
    let third: SharingGateway;
    let session: LegacySession;
    const open: RawConnection[] = [];
    beforeEach(async () => {
      [home, other, third] = gateways;
      session = await openLegacySession(home.port);
    });
    afterEach(async () => {
      for (const connection of open.splice(0)) connection.destroy();
      await ask(other.port, { method: 'DELETE', headers: session.headers });
    });

    const send = async ({ port }: SharingGateway, request: RequestParts): Promise<RawConnection> => {
      const connection = await openRaw(port);
      open.push(connection);
      connection.write(requestBytes(port, request));
      return connection;
    };
    const hang = (id: string | number): RequestParts =>
      session.request('tools/call', { name: 'back_hang', arguments: {}, _meta: { progressToken: 'p' } }, id);
    const listening = (more = {}): RequestParts => ({
      method: 'GET',
      headers: { ...session.headers, accept: 'text/event-stream', ...more },
    });

    it('goes on whichever is asked', async () => {
      for (const { port } of gateways) {
        const params = { name: 'back_echo', arguments: { port } };
        const answer = await ask(port, session.request('tools/call', params, port));
        assert.equal(answer.status, 200, answer.body);
        const { id, result } = responseOf(answer);
        assert.deepEqual([id, result?.content?.[0]?.text], [port, JSON.stringify({ port })]);
      }
    });

    it('is unknown to all once it has been ended on any', async () => {
      assert.equal((await ask(other.port, { method: 'DELETE', headers: session.headers })).status, 204);
      for (const { port } of gateways) assert.equal((await ask(port, session.request('ping'))).status, 404);
    });

    it('brings large bodies over unharmed, both ways', async () => {
      const long = 'ä'.repeat(1_000_000);
      const params = { name: 'back_echo', arguments: { long } };
      const { result } = responseOf(await ask(other.port, session.request('tools/call', params)));
      assert.equal(result?.content?.[0]?.text, JSON.stringify({ long }));
    });

    it('cancels a call over another instance than it was made on', async () => {
      await send(other, hang(77));
      const call = await stage.backend.nextCall('hang');
      const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 77 } };
      assert.equal((await ask(third.port, { headers: session.headers, body: cancel })).status, 202);
      await within(3000, 'the end of the call at its backend', call.abandoned);
    });

    it('resumes a stream over another instance', async () => {
      const client = await send(other, hang(5));
      const call = await stage.backend.nextCall('hang');
      call.notify('notifications/progress', { progressToken: call.meta['progressToken'], progress: 1 });
      const seen = sseEvents(await client.seen('"progress":1'));
      client.destroy();
      const again = await send(third, listening({ 'last-event-id': seen.at(-1)?.id ?? assert.fail() }));
      await again.seen('text/event-stream');
      call.reply(text('done'));
      const rest = sseEvents(await again.seen('done'));
      assert.deepEqual(
        rest.map(({ message }) => message?.id),
        [5],
      );
    });

    it('is taken over by whoever is asked when its home is gone', async () => {
      const passing = await sharing.add();
      const own = await openLegacySession(passing.port);
      assert.equal((await ask(other.port, own.request('ping'))).status, 200);
      await passing.vanish();
      const answers = await Promise.all(gateways.map(({ port }) => ask(port, own.request('ping'))));
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200, 200],
      );
    });

    it('refuses a foreign Host before anything is relayed, whatever the request says of itself', async () => {
      const foreign = { ...session.headers, host: 'evil.example' };
      for (const headers of [foreign, { ...foreign, 'sluice-relayed': 'instance-0.zzzz.aa.bb' }])
        for (const { port } of gateways) {
          const answer = await ask(port, { ...session.request('ping'), headers });
          assert.equal(answer.status, 403, answer.body);
        }
    });

    it('takes the messages of an HTTP+SSE stream on any instance, until its own is gone', async () => {
      const passing = await sharing.add();
      const stream = await send(passing, {
        method: 'GET',
        path: '/sse',
        headers: { accept: 'text/event-stream' },
      });
      const path = /data: (\/messages\S+)/.exec(await stream.seen('\n\n'))?.[1] ?? assert.fail();
      const params = {
        protocolVersion: '2024-11-05',
        capabilities: {},
        clientInfo: { name: 'c', version: '1' },
      };
      const body = { jsonrpc: '2.0', id: 'hello', method: 'initialize', params };
      const answer = await ask(other.port, { path, body });
      assert.equal(answer.status, 202, answer.body);
      await stream.seen('"id":"hello"');
      await passing.vanish();
      assert.equal((await ask(other.port, { path, body })).status, 404);
    });

    it('lets a client that leaves end its hop: the stream may be come back for', async () => {
      const client = await send(other, listening());
      await client.seen('id: ');
      assert.equal((await ask(third.port, listening())).status, 409);
      client.destroy();
      // The instances hear of it one after the other.
      const again = await send(third, listening());
      while (/HTTP\/1.1 409/.test(await again.seen('\r\n\r\n'))) {
        await again.answer();
        again.write(requestBytes(third.port, listening()));
      }
      assert.match(await again.seen('id: '), /^HTTP\/1.1 200/);
    });

    it('is still subscribed to its resources when its home is gone, and hears that they may have changed', async () => {
      const passing = await sharing.add();
      session = await openLegacySession(passing.port);
      for (const uri of [watchedResource, 'test://static-text'])
        assert.equal((await ask(passing.port, session.request('resources/subscribe', { uri }))).status, 200);
      const unsubscribe = session.request('resources/unsubscribe', { uri: 'test://static-text' });
      assert.equal((await ask(passing.port, unsubscribe)).status, 200);
      await passing.vanish();
      const stream = await send(other, listening());
      const first = await stream.seen(watchedResource);
      assert.ok(!first.includes('test://static-text'));
      const updates = async (): Promise<number> =>
        (await stream.seen('resources/updated')).split(watchedResource).length - 1;
      await modernCall(home.port, 'every_test_trigger_resource_update');
      await eventually(5000, 'the update', async () => (await updates()) === 2);
    });

    describe('whose home leaves', () => {
      let leaving: SharingGateway;
      let left: Promise<void>;
      beforeEach(async () => {
        leaving = await sharing.add();
        session = await openLegacySession(leaving.port, '2025-11-25', { elicitation: {} });
      });
      /** Resolves when it says so. */
      const leave = async (): Promise<void> => {
        left = leaving.leave();
        await eventually(
          5000,
          'leaving',
          async () => (await fetch(`${leaving.adminUrl}/readyz`)).status === 503,
        );
        await eventually(
          5000,
          'being taken over',
          async () => (await ask(other.port, session.request('ping'))).status === 200,
        );
      };

      it('goes on elsewhere, while what was begun there is finished, or cancelled, from wherever', async () => {
        const finished = await send(leaving, hang('finished'));
        const one = await stage.backend.nextCall('hang');
        const relayed = await send(other, hang('relayed'));
        const two = await stage.backend.nextCall('hang');
        await send(leaving, hang('cancelled'));
        const three = await stage.backend.nextCall('hang');
        await leave();
        assert.equal((await session.call('back_echo', { n: 1 })).result?.content?.[0]?.text, '{"n":1}');
        const cancel = {
          jsonrpc: '2.0',
          method: 'notifications/cancelled',
          params: { requestId: 'cancelled' },
        };
        assert.equal((await ask(third.port, { headers: session.headers, body: cancel })).status, 202);
        await within(3000, 'the end of the call at its backend', three.abandoned);
        one.reply(text('done'));
        two.reply(text('done'));
        assert.match((await finished.answer()).body, /"id":"finished".*done/s);
        assert.match((await relayed.answer()).body, /"id":"relayed".*done/s);
        await within(5000, 'the end of the gateway', left);
      });

      it('takes what is still sent to the one that leaves', async () => {
        const call = await send(leaving, hang(1));
        const tool = await stage.backend.nextCall('hang');
        await leave();
        const answer = await ask(
          leaving.port,
          session.request('tools/call', { name: 'back_echo', arguments: {} }),
        );
        assert.deepEqual([answer.status, answer.headers['connection']], [200, 'close']);
        const young = await openLegacySession(leaving.port);
        assert.equal((await ask(other.port, young.request('ping'))).status, 200);
        tool.reply(text('done'));
        await call.answer();
        await within(5000, 'the end of the gateway', left);
        assert.equal((await ask(other.port, young.request('ping'))).status, 200);
      });

      it('takes the answers to what its client was asked there', async () => {
        const params = { name: 'every_test_elicitation', arguments: { message: 'who?' } };
        const call = await send(leaving, session.request('tools/call', params, 'asking'));
        const asked = sseEvents(await call.seen('elicitation/create')).at(-1)?.message;
        await leave();
        const result = { action: 'accept', content: { username: 'ada', email: 'ada@example.org' } };
        const reply = { jsonrpc: '2.0', id: asked?.id, result };
        assert.equal((await ask(third.port, { headers: session.headers, body: reply })).status, 202);
        assert.match((await call.answer()).body, /"id":"asking".*accept.*ada/s);
        await within(5000, 'the end of the gateway', left);
      });

      it('has its standing stream ended at once, and waits for its client to be elsewhere', async () => {
        const stream = await send(leaving, listening());
        await stream.seen('id: ');
        const relayed = await openLegacySession(home.port);
        const passing = await send(leaving, {
          ...listening(),
          headers: { ...relayed.headers, accept: 'text/event-stream' },
        });
        await passing.seen('id: ');
        left = leaving.leave();
        for (const ended of [stream, passing]) assert.equal((await ended.answer()).status, 200);
        const again = await send(other, listening());
        await again.seen('id: ');
        await within(5000, 'the end of the gateway', left);
        await relayed.end();
      });
    });

    it('pauses the backend of a client that does not read what is relayed', async () => {
      const bytes = 64 * 1024 * 1024;
      const params = { name: 'back_flood', arguments: { bytes }, _meta: { progressToken: 'p' } };
      const client = await send(other, session.request('tools/call', params, 1));
      client.socket.pause();
      const call = await stage.backend.nextCall('flood');
      // Whatever can still go on its way has the time of twenty round trips by the same instances.
      for (let before = -1, quiet = 0; quiet < 20;) {
        await ask(other.port, session.request('ping'));
        quiet = stage.backend.bytesWritten === before ? quiet + 1 : 0;
        before = stage.backend.bytesWritten;
      }
      assert.ok(stage.backend.bytesWritten < bytes / 2, `${stage.backend.bytesWritten} bytes went`);
      assert.ok(call.response.writable);
      client.destroy();
    });
  });
};
