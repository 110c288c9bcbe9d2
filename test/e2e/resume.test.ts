import assert from 'node:assert/strict';
import { ask } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { openLegacySession, type LegacySession } from '../support/openLegacySession.js';
import { openRaw, type RawConnection } from '../support/openRaw.js';
import { requestBytes } from '../support/requestBytes.js';
import { sseEvents } from '../support/sseEvents.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { text, type ToolCall } from '../support/mcpTools.js';

/** 25 MB in 400 of these: more than all buffers on the way hold. */
const message = 'y'.repeat(64 * 1024);

for (const era of ['modern', 'legacy'] as const)
  describe(`A 2025-era client that loses a stream, before a ${era} server`, () => {
    let backend: McpBackend;
    let gateway: RunningGateway;
    let session: LegacySession;
    const open: RawConnection[] = [];

    before(async () => {
      backend = await startMcpBackend({ era });
      gateway = await startGateway(`  back: { url: "${backend.url}" }`);
    });
    beforeEach(async () => {
      session = await openLegacySession(gateway.port);
    });
    afterEach(() => {
      for (const connection of open.splice(0)) connection.destroy();
    });
    after(async () => {
      await gateway.close();
      await backend.close();
    });

    const connection = async (): Promise<RawConnection> => {
      const opened = await openRaw(gateway.port);
      open.push(opened);
      return opened;
    };
    /** Calls a tool that says nothing by itself. */
    const call = async (id: number | string, by = session) => {
      const client = await connection();
      const params = { name: 'back_hang', arguments: {}, _meta: { progressToken: 'p' } };
      client.write(requestBytes(gateway.port, by.request('tools/call', params, id)));
      return { client, tool: await backend.nextCall('hang') };
    };
    /** Has the backend report progress of these values. */
    const progress = (tool: ToolCall, ...values: readonly number[]): void => {
      for (const value of values)
        tool.notify('notifications/progress', {
          progressToken: tool.meta['progressToken'],
          progress: value,
        });
    };
    const get = (lastEventId: string, by = session) => ({
      method: 'GET',
      headers: { ...by.headers, accept: 'text/event-stream', 'last-event-id': lastEventId },
    });
    const comeBack = async (lastEventId: string, by = session): Promise<RawConnection> => {
      const client = await connection();
      client.write(requestBytes(gateway.port, get(lastEventId, by)));
      return client;
    };
    const leave = async (client: RawConnection): Promise<void> => {
      client.destroy();
      await client.closed();
    };
    /** What a list of events says, in short: progress values, `priming`, and `answer` with the response's id. */
    const said = (raw: string): readonly unknown[] =>
      sseEvents(raw).map(({ message }) => {
        if (message === undefined) return 'priming';
        return message.method === undefined ? `answer ${message.id}` : message.params?.['progress'];
      });
    const lastId = (raw: string): string => sseEvents(raw).at(-1)?.id ?? assert.fail('no event');

    it('has been given ids from the first event on, one stream in each', async () => {
      const { client, tool } = await call(1);
      progress(tool, 1, 2);
      tool.reply(text('done'));
      const raw = await client.seen('done');
      assert.deepEqual(said(raw), ['priming', 1, 2, 'answer 1']);
      const ids = sseEvents(raw).map(({ id }) => id);
      assert.equal(new Set(ids).size, 4);
      assert.equal(new Set(ids.map((id) => id.replace(/\.\d+$/, ''))).size, 1);
      const other = await call(2);
      progress(other.tool, 1);
      assert.ok(!ids.includes(lastId(await other.client.seen('"progress":1'))));
      other.tool.reply(text('x'));
    });

    it('gets what it missed and then the rest, in order, once, and the end', async () => {
      const { client, tool } = await call('seven');
      progress(tool, 1, 2);
      const seen = await client.seen('"progress":2');
      await leave(client);
      progress(tool, 3, 4);
      const back = await comeBack(lastId(seen));
      await back.seen('"progress":4');
      progress(tool, 5);
      tool.reply(text('done'));
      const { status, headers, body } = await back.answer();
      assert.equal(status, 200);
      assert.equal(headers['content-type'], 'text/event-stream');
      assert.deepEqual(said(body), [3, 4, 5, 'answer seven']);
    });

    it('may come back again and again, and from an earlier place', async () => {
      const { client, tool } = await call(1);
      progress(tool, 1);
      let raw = await client.seen('"progress":1');
      const [priming] = sseEvents(raw);
      let before = client;
      for (const n of [2, 3, 4]) {
        await leave(before);
        before = await comeBack(lastId(raw));
        progress(tool, n);
        raw = await before.seen(`"progress":${n}`);
        assert.deepEqual(said(raw), [n]);
      }
      const from = await comeBack(priming?.id ?? '');
      assert.deepEqual(said(await from.seen('"progress":4')), [1, 2, 3, 4]);
      tool.reply(text('done'));
      assert.equal(said((await from.answer()).body).at(-1), 'answer 1');
    });

    it('gets the answer that came while it was away, and is then told to stay away', async () => {
      const { client, tool } = await call(1);
      progress(tool, 1);
      const seen = await client.seen('"progress":1');
      await leave(client);
      tool.reply(text('done'));
      await eventually(8000, 'the end of the call', () => tool.response.writableFinished);
      const { body } = await ask(gateway.port, get(lastId(seen)));
      assert.deepEqual(said(body), ['answer 1']);
      assert.deepEqual(said((await ask(gateway.port, get(lastId(seen)))).body), ['answer 1']);
      const { status } = await ask(gateway.port, get(lastId(body)));
      assert.equal(status, 204);
    });

    it('takes the stream over from a connection whose end has not been noticed', async () => {
      const { client, tool } = await call(1);
      progress(tool, 1);
      const seen = await client.seen('"progress":1');
      const second = await comeBack(lastId(seen));
      await client.closed();
      progress(tool, 2);
      const third = await comeBack(lastId(await second.seen('"progress":2')));
      assert.deepEqual(said((await second.answer()).body), [2]);
      progress(tool, 3);
      tool.reply(text('done'));
      assert.deepEqual(said((await third.answer()).body), [3, 'answer 1']);
    });

    it('gets nothing by ids that are not its own, or never were', async () => {
      const { client, tool } = await call(1);
      progress(tool, 1);
      const id = lastId(await client.seen('"progress":1'));
      const other = await openLegacySession(gateway.port);
      const future = id.replace(/\d+$/, '99');
      for (const request of [
        get(id, other),
        get(future),
        get('x'),
        get('constructor.0'),
        get('"; drop'),
        get('x.1'),
      ]) {
        const { status, body } = await ask(gateway.port, request);
        assert.equal(status, 400, body);
        assert.match(body, /Last-Event-ID/);
      }
      tool.reply(text('still here'));
      await client.seen('still here');
    });

    it('can come back for no stream of a session that has ended', async () => {
      const { client, tool } = await call(1);
      progress(tool, 1);
      const id = lastId(await client.seen('"progress":1'));
      await leave(client);
      await session.end();
      assert.equal((await ask(gateway.port, get(id))).status, 404);
    });

    it('cancels by saying so, also while it is away: nothing more is to come', async () => {
      const { client, tool } = await call('c');
      progress(tool, 1);
      const seen = await client.seen('"progress":1');
      await leave(client);
      await session.notify('notifications/cancelled', { requestId: 'c' });
      await (era === 'modern' ? tool.abandoned : tool.cancelled);
      assert.equal((await ask(gateway.port, get(lastId(seen)))).status, 204);
    });

    it('keeps streams apart when it loses two', async () => {
      const [a, b] = [await call('a'), await call('b')];
      progress(a.tool, 1);
      progress(b.tool, 101);
      const [seenA, seenB] = [await a.client.seen('"progress":1'), await b.client.seen('"progress":101')];
      await Promise.all([leave(a.client), leave(b.client)]);
      for (const n of [2, 3]) {
        progress(a.tool, n);
        progress(b.tool, 100 + n);
      }
      a.tool.reply(text('a'));
      b.tool.reply(text('b'));
      const [backA, backB] = [await comeBack(lastId(seenA)), await comeBack(lastId(seenB))];
      assert.deepEqual(said((await backA.answer()).body), [2, 3, 'answer a']);
      assert.deepEqual(said((await backB.answer()).body), [102, 103, 'answer b']);
    });

    it('is told when what it missed had to make room, rather than given a gap', async () => {
      const { client, tool } = await call(1);
      const count = 1100;
      progress(tool, ...Array.from({ length: count }, (_, index) => index + 1));
      const seen = await client.seen(`"progress":${count}`);
      const [priming, first] = sseEvents(seen);
      for (const event of [priming, first]) {
        const { status, body } = await ask(gateway.port, get(event?.id ?? ''));
        assert.equal(status, 400);
        assert.match(body, /gap/);
      }
      const late = sseEvents(seen)[600];
      const back = await comeBack(late?.id ?? '');
      const values = said(await back.seen(`"progress":${count}`));
      assert.deepEqual(
        values,
        Array.from({ length: 500 }, (_, index) => 601 + index),
      );
      tool.reply(text('done'));
      await back.seen('done');
    });

    it('holds the backend back while it is away, and gets it all', async () => {
      const { client, tool } = await call(1);
      progress(tool, 0);
      const seen = await client.seen('"progress":0');
      await leave(client);
      const count = 200;
      let sent = 0;
      const more = (): void => {
        while (sent < count) {
          const params = { progressToken: tool.meta['progressToken'], progress: ++sent, message };
          if (!tool.notify('notifications/progress', params)) return void tool.response.once('drain', more);
        }
        tool.reply(text('done'));
      };
      more();
      let before = -1;
      await eventually(5000, 'the backend to pause', async () => {
        // A call goes all the way meanwhile: time enough for more to come if it could.
        for (let n = 0; n < 5; n++) await session.call('back_echo');
        const paused = sent === before;
        before = sent;
        return paused;
      });
      assert.ok(sent < count, `all ${sent} were taken while nobody was there`);
      const back = await comeBack(lastId(seen));
      const { body } = await back.answer(20_000);
      assert.deepEqual(said(body), [...Array.from({ length: count }, (_, index) => index + 1), 'answer 1']);
    });

    it('has no priming event before 2025-11-25, and ids all the same', async () => {
      const older = await openLegacySession(gateway.port, '2025-06-18');
      const { client, tool } = await call(1, older);
      progress(tool, 1);
      const seen = await client.seen('"progress":1');
      assert.deepEqual(said(seen), [1]);
      await leave(client);
      tool.reply(text('done'));
      const back = await comeBack(lastId(seen), older);
      assert.deepEqual(said((await back.answer()).body), ['answer 1']);
    });

    it('a long silent call becomes a stream before its answer, so that it can be come back for', async () => {
      const { client, tool } = await call(1);
      const seen = await client.seen('id: ', 4000);
      assert.deepEqual(said(seen), ['priming']);
      await leave(client);
      tool.reply(text('done'));
      const back = await comeBack(lastId(seen));
      assert.deepEqual(said((await back.answer()).body), ['answer 1']);
    });
  });
