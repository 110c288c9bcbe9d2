import assert from 'node:assert/strict';
import { mergeMap, NEVER, Observable, of, Subject, tap, type OperatorFunction } from 'rxjs';
import type { Exchange } from '../../src/streams/exchange.js';
import { constant, latest } from '../../src/streams/latest.js';
import { LiveCalls } from '../../src/streams/liveCalls.js';
import { end, result, type Reply } from '../../src/streams/reply.js';
import { serveEach } from '../../src/streams/serveEach.js';
import { call, type CallOptions } from '../../src/testing/call.js';
import { collect } from '../../src/testing/collect.js';

const setUp = (pipeline: OperatorFunction<Exchange, Reply>) => {
  const source = new Subject<Exchange>();
  const calls = new LiveCalls();
  const ended: Exchange[] = [];
  const serving = serveEach(source, constant(pipeline), { calls, ended: (exchange) => ended.push(exchange) });
  const send = (method: string, options: CallOptions = {}) => {
    const outlet = collect();
    const exchange = call(method, { outlet, ...options });
    source.next(exchange);
    return { outlet, exchange };
  };
  return { source, calls, ended, serving, send };
};

/** Answers when it is told to; counts who cancelled. */
const held = () => {
  const replies = new Subject<Reply>();
  const counts = { cancelled: 0 };
  const pipeline: OperatorFunction<Exchange, Reply> = mergeMap(
    () =>
      new Observable<Reply>((subscriber) => {
        subscriber.add(replies.subscribe(subscriber));
        return () => counts.cancelled++;
      }),
  );
  return { replies, counts, pipeline };
};

describe('streams/serveEach', () => {
  it('brings the replies to the outlet, completes it and says once that the call has ended', () => {
    const { send, ended, calls } = setUp(mergeMap(() => of(result({ n: 1 }))));
    const { outlet, exchange } = send('tools/call');
    assert.deepEqual(outlet.replies, [result({ n: 1 })]);
    assert.equal(outlet.completed, true);
    assert.deepEqual(ended, [exchange]);
    assert.equal(exchange.notes.outcome, 'success');
    assert.equal(calls.size, 0);
  });

  it('lets one failing call end nothing but itself', () => {
    const { send } = setUp(
      tap<Exchange>(({ message }) => {
        if (message.method === 'bad') throw new Error('x');
      }) as unknown as OperatorFunction<Exchange, Reply>,
    );
    const bad = send('bad');
    assert.equal(bad.outlet.replies[0]?.kind, 'error');
    assert.equal(bad.outlet.completed, true);
    assert.equal(send('good').outlet.completed, true);
  });

  it('cancels when the client of a 2026 call leaves', () => {
    const { pipeline, counts } = held();
    const { send, calls, ended } = setUp(pipeline);
    const { outlet, exchange } = send('tools/call');
    assert.equal(calls.pending, 1);
    outlet.leave();
    assert.equal(counts.cancelled, 1);
    assert.equal(calls.size, 0);
    assert.deepEqual(ended, [exchange]);
    assert.equal(exchange.notes.outcome, 'cancelled');
  });

  it('goes on when the client of a 2025 call leaves: leaving is not cancelling', () => {
    const { pipeline, replies, counts } = held();
    const { send, calls } = setUp(pipeline);
    const { outlet, exchange } = send('tools/call', { version: '2025-11-25', sessionId: 's' });
    outlet.leave();
    assert.equal(calls.pending, 1);
    assert.equal(counts.cancelled, 0);
    replies.next(result({}));
    replies.complete();
    assert.equal(exchange.notes.outcome, 'success');
    assert.equal(calls.size, 0);
  });

  it('cancels a standing stream of the 2025 era when its client leaves', () => {
    const { pipeline, counts } = held();
    const { send } = setUp(pipeline);
    send('$/stream', { version: '2025-11-25', id: null }).outlet.leave();
    assert.equal(counts.cancelled, 1);
  });

  it('cancels in either era a client that was cut off for not reading', () => {
    const { pipeline, counts } = held();
    const { send } = setUp(pipeline);
    const { outlet, exchange } = send('tools/call', { version: '2025-11-25', sessionId: 's' });
    outlet.leave('slow');
    assert.equal(counts.cancelled, 1);
    assert.equal(exchange.notes.outcome, 'slow_consumer');
  });

  it('sends nothing to the backend for a client that has left before its call began', () => {
    let begun = 0;
    const { source, ended, calls } = setUp(
      mergeMap(() => {
        begun++;
        return NEVER;
      }),
    );
    const outlet = { ...collect(), onGone: (listener: (why: 'left') => void) => listener('left') };
    source.next(call('tools/call', { outlet }));
    assert.equal(begun, 0);
    assert.equal(ended.length, 1);
    assert.equal(calls.size, 0);
  });

  it('finishes a call on the pipeline it began with; the next takes the new one', () => {
    const pipelines = new Subject<OperatorFunction<Exchange, Reply>>();
    const old = held();
    const current = latest(pipelines, old.pipeline);
    const source = new Subject<Exchange>();
    serveEach(source, current, { calls: new LiveCalls(), ended: () => undefined });
    const [first, second] = [collect(), collect()];
    source.next(call('tools/call', { outlet: first }));
    pipelines.next(mergeMap(() => of(result({ from: 'new' }))));
    source.next(call('tools/call', { outlet: second }));
    old.replies.next(result({ from: 'old' }));
    assert.deepEqual(first.replies, [result({ from: 'old' })]);
    assert.deepEqual(second.replies, [result({ from: 'new' })]);
  });

  it('takes no more after it was unsubscribed, and lets what is in flight finish', () => {
    const { pipeline, replies } = held();
    const { serving, send, calls } = setUp(pipeline);
    const { outlet } = send('tools/call');
    serving.unsubscribe();
    assert.equal(send('tools/call').outlet.replies.length, 0);
    assert.equal(calls.pending, 1);
    replies.next(result({}));
    assert.equal(outlet.replies.length, 1);
  });

  it('releases everything: a thousand calls leave nothing behind', () => {
    const { send, calls } = setUp(held().pipeline);
    const outlets = Array.from({ length: 1000 }, (_, id) => send('tools/call', { id }).outlet);
    assert.equal(calls.size, 1000);
    for (const outlet of outlets) outlet.leave();
    assert.equal(calls.size, 0);
  });
});

describe('streams/liveCalls', () => {
  const legacy = { version: '2025-11-25', sessionId: 's' } as const;

  it('cancels by session and id, whose type counts', () => {
    const { pipeline } = held();
    const { send, calls } = setUp(pipeline);
    const number = send('tools/call', { ...legacy, id: 1 }).outlet;
    const text = send('tools/call', { ...legacy, id: '1' }).outlet;
    calls.cancel('other', 1);
    calls.cancel('s', 2);
    assert.equal(calls.size, 2);
    calls.cancel('s', '1');
    assert.deepEqual([number.replies, text.replies], [[], [end]]);
    assert.equal(text.completed, true);
  });

  it('ends all of a session but the one that asked for it', () => {
    const { send, calls } = setUp(held().pipeline);
    const other = send('tools/call', { ...legacy, sessionId: 'other' });
    const stream = send('$/stream', { ...legacy, id: null });
    const call1 = send('tools/call', legacy);
    const asking = send('$/end', { ...legacy, id: null });
    calls.endSession('s');
    assert.deepEqual([stream.outlet.completed, call1.outlet.completed], [true, true]);
    assert.equal(asking.outlet.completed, false, 'the DELETE itself is still owed its answer');
    assert.equal(other.outlet.completed, false);
  });

  it('knows of another open stream of the session, not of itself', () => {
    const { send, calls } = setUp(held().pipeline);
    const { exchange } = send('$/stream', { ...legacy, id: null });
    assert.equal(calls.has('s', '$/stream', { ...exchange }), false);
    assert.equal(calls.has('s', '$/stream', call('$/stream', { ...legacy, id: null })), true);
    assert.equal(calls.has('other', '$/stream', call('x')), false);
  });

  it('is idle when no request is pending; standing streams do not count', async () => {
    const { pipeline, replies } = held();
    const { send, calls } = setUp(pipeline);
    await calls.whenIdle();
    send('$/stream', { ...legacy, id: null });
    await calls.whenIdle();
    send('tools/call', legacy);
    let idle = false;
    const waiting = calls.whenIdle().then(() => (idle = true));
    await Promise.resolve();
    assert.equal(idle, false);
    replies.complete();
    await waiting;
    assert.equal(idle, true);
  });

  it('ends everything at the end', () => {
    const { send, calls } = setUp(held().pipeline);
    const outlets = [send('tools/call').outlet, send('$/stream', { ...legacy, id: null }).outlet];
    calls.endAll();
    assert.equal(calls.size, 0);
    assert.equal(calls.pending, 0);
    assert.deepEqual(
      outlets.map(({ completed }) => completed),
      [true, true],
    );
  });
});
