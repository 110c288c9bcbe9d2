import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Subscription } from 'rxjs';
import { knownRevision } from '../../src/protocol/revisions/index.js';
import { Heartbeat } from '../../src/sinks/heartbeat.js';
import { toHttp } from '../../src/sinks/toHttp.js';
import { memoryEvents } from '../../src/stores/memoryEvents.js';
import type { EventStore } from '../../src/streams/events.js';
import type { Departure } from '../../src/streams/exchange.js';
import { OpenStreams } from '../../src/streams/openStreams.js';
import { end, open, result, type Reply } from '../../src/streams/reply.js';
import { valve } from '../../src/streams/valve.js';
import { eventPlace } from '../../src/protocol/eventId.js';
import { eventually } from '../support/eventually.js';
import { sseEvents } from '../support/sseEvents.js';
import { untilRead } from './untilRead.js';
import { withOutlets, type OutletServer } from './withOutlets.js';

const progress = (n: number, text = ''): Reply => ({
  kind: 'notification',
  method: 'notifications/progress',
  params: { progress: n, text },
});
const answer = result({ content: [] });
const call = { jsonrpc: '2.0', id: 7, method: 'tools/call' } as const;
const standalone = { jsonrpc: '2.0', method: '$/stream' } as const;

describe('sinks/toHttp: streams that can be come back for', () => {
  let http: OutletServer;
  let heartbeat: Heartbeat;
  let events: EventStore;
  let streams: OpenStreams;
  const followers: Subscription[] = [];
  beforeEach(async () => {
    http = await withOutlets();
    heartbeat = new Heartbeat(10);
    events = memoryEvents({ maxEvents: 100, maxBytes: 1e6, maxTotalBytes: 1e7, ttlMs: 60_000 });
    streams = new OpenStreams({ events, room: { events: 3, bytes: 1000 } });
  });
  afterEach(async () => {
    for (const follower of followers.splice(0)) follower.unsubscribe();
    heartbeat.close();
    events.close();
    await http.close();
  });

  const arrive = async (message: typeof call | typeof standalone = call, slowClientTimeoutMs = 60_000) => {
    const { client, response } = await http.request();
    const outlet = toHttp(response, {
      message,
      revision: knownRevision('2025-11-25'),
      accepts: { json: true, sse: true },
      serverInfo: { name: 'sluice', version: '1' },
      heartbeat,
      heartbeatMs: 60_000,
      slowClientTimeoutMs,
      streams,
      sessionId: 's',
    });
    const gone: Departure[] = [];
    outlet.onGone((why) => gone.push(why));
    const leave = async (): Promise<void> => {
      const closed = once(response, 'close');
      client.destroy();
      await closed;
    };
    return { client, response, outlet, gone, leave };
  };
  /** The open stream behind an id that a client has seen. */
  const behind = (raw: string) => {
    const place = eventPlace(sseEvents(raw)[0]?.id);
    const stream = streams.find('s', place?.streamId ?? '');
    return stream ?? assert.fail('no open stream');
  };
  /** What a client that has come back gets from now on. */
  const follow = (raw: string, demand = valve()) => {
    const got: (string | undefined)[] = [];
    const state = { complete: false };
    followers.push(
      behind(raw)
        .follow(demand)
        .subscribe({
          next: (reply) => got.push(reply.kind === 'replay' ? reply.events[0]?.data : reply.kind),
          complete: () => (state.complete = true),
        }),
    );
    return { got, state, demand };
  };

  it('costs nothing for an answer alone: no stream is opened', async () => {
    const { client, outlet } = await arrive();
    outlet.next(answer);
    outlet.complete();
    assert.equal((await client.answer()).headers['content-type'], 'application/json');
    assert.deepEqual([streams.size, events.size], [0, 0]);
  });

  it('begins with an event that has an id and nothing else', async () => {
    const { client, outlet } = await arrive();
    outlet.next(progress(1));
    assert.match(
      await client.seen('"progress":1'),
      /\nid: \S+\.0\ndata:\n\n[^]*event: message\nid: \S+\.1\ndata: \{/,
    );
    outlet.next(answer);
    assert.equal(streams.size, 0, 'it ends with its answer');
    assert.equal(events.size, 2, 'and is kept for a while');
  });

  it('goes on without its connection, and says that its client is away', async () => {
    const { client, outlet, gone, leave } = await arrive();
    outlet.next(progress(1));
    const raw = await client.seen('"progress":1');
    assert.equal(outlet.away, false);
    await leave();
    assert.equal(outlet.away, true);
    assert.deepEqual(gone, []);
    assert.equal(heartbeat.size, 0);
    outlet.next(progress(2));
    const { got, state } = follow(raw);
    assert.equal(outlet.away, false);
    outlet.next(answer);
    outlet.complete();
    assert.equal(got.length, 1);
    assert.match(got[0] ?? '', /"result"/);
    assert.equal(state.complete, true);
    assert.equal(events.size, 3);
  });

  it('pauses the backend when much has come for a client that is away, until it is back', async () => {
    const { client, outlet, leave } = await arrive();
    outlet.next(progress(1));
    const raw = await client.seen('"progress":1');
    await leave();
    outlet.next(progress(2));
    outlet.next(progress(3));
    assert.equal(outlet.valve.open, true);
    outlet.next(progress(4));
    assert.equal(outlet.valve.open, false);
    const { demand } = follow(raw);
    assert.equal(outlet.valve.open, true);
    demand.pause();
    assert.equal(outlet.valve.open, false, 'the new reader holds it back as the old one did');
    demand.resume();
    assert.equal(outlet.valve.open, true);
    followers.splice(0).forEach((follower) => follower.unsubscribe());
    assert.equal(outlet.away, true);
    outlet.next(progress(5, 'x'.repeat(1000)));
    assert.equal(outlet.valve.open, false);
  });

  it('is read by one at a time: the last who comes', async () => {
    const { client, outlet, gone } = await arrive();
    outlet.next(progress(1));
    const raw = await client.seen('"progress":1');
    const first = follow(raw);
    await client.closed();
    outlet.next(progress(2));
    const second = follow(raw);
    assert.equal(first.state.complete, true);
    outlet.next(progress(3));
    assert.deepEqual([first.got.length, second.got.length], [1, 1]);
    assert.deepEqual(gone, []);
    assert.equal(outlet.away, false);
    outlet.next(end);
    outlet.complete();
    assert.deepEqual(second.got.slice(1), ['end']);
    assert.equal(second.state.complete, true);
    await eventually(8000, 'the clock to let go of it', () => heartbeat.size === 0);
  });

  it('says when to come back before it is closed without an answer', async () => {
    const { client, outlet } = await arrive(standalone);
    outlet.next(open);
    await client.seen('id: ');
    outlet.next(end);
    outlet.complete();
    assert.match((await client.answer()).body, /^retry: 1000\nid: \S+\ndata:\n\nretry: 1000\n\n$/);
  });

  it('a standalone stream stays open for its client as well', async () => {
    const { client, outlet, gone, leave } = await arrive(standalone);
    outlet.next(open);
    const raw = await client.seen('id: ');
    await leave();
    assert.deepEqual(gone, []);
    outlet.next(progress(1));
    const { got } = follow(raw);
    outlet.next(progress(2));
    assert.equal(got.length, 1);
    assert.equal(events.size, 2);
  });

  it('one that is cut off for not being read ends with an error, for who comes back', async () => {
    const { client, response, outlet, gone } = await arrive(call, 30);
    outlet.next(progress(0));
    const raw = await client.seen('"progress":0');
    const place = eventPlace(sseEvents(raw)[0]?.id) ?? assert.fail();
    client.socket.pause();
    const closed = once(response, 'close');
    let position = 1;
    for (let n = 1; !response.destroyed && n < 2000; n++) {
      for (; outlet.valve.open; position++) outlet.next(progress(position, 'x'.repeat(64 * 1024)));
      await Promise.race([untilRead(outlet.valve), closed]);
    }
    await eventually(8000, 'its end', () => gone.length > 0);
    assert.deepEqual(gone, ['slow']);
    const missed = events.after('s', { ...place, position });
    assert.ok(typeof missed === 'object' && 'events' in missed);
    assert.equal(missed.events.length, 1);
    assert.match(String(missed.events[0]?.data), /"error".*did not read/);
    assert.equal(streams.size, 0);
  });
});
