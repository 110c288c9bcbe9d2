import assert from 'node:assert/strict';
import { Subscription } from 'rxjs';
import { internalMethods } from '../../src/protocol/methods.js';
import { LiveCalls, type LiveCall } from '../../src/streams/liveCalls.js';
import { call } from '../../src/testing/call.js';

const live = (id: number | string, sessionId: string, method = 'tools/call'): LiveCall => {
  const exchange = call(method, { version: '2025-11-25' });
  return {
    exchange: {
      ...exchange,
      message: { ...exchange.message, id },
      origin: { ...exchange.origin, sessionId },
    },
    subscription: new Subscription(),
  };
};

describe('streams/liveCalls: cancelling by id', () => {
  const cancelled = (
    added: readonly LiveCall[],
    sessionId: string,
    id: number | string,
  ): readonly boolean[] => {
    const calls = new LiveCalls();
    for (const each of added) calls.add(each);
    calls.cancel(sessionId, id);
    return added.map(({ subscription }) => subscription.closed);
  };

  it('ends every call of that id: a client that gives one twice means both', () =>
    assert.deepEqual(cancelled([live(78, 's'), live(78, 's'), live(79, 's')], 's', 78), [true, true, false]));

  it('tells 1 from "1", and one session from another', () =>
    assert.deepEqual(cancelled([live(1, 's'), live('1', 's'), live(1, 't')], 's', 1), [true, false, false]));
});

describe('streams/liveCalls: a session that is elsewhere now', () => {
  it('has its standing streams ended, and its requests go on', () => {
    const calls = new LiveCalls();
    const added = [live(1, 's'), live(2, 's', internalMethods.stream), live(3, 't', internalMethods.stream)];
    for (const each of added) calls.add(each);
    calls.endStreams('s');
    assert.deepEqual(
      added.map(({ subscription }) => subscription.closed),
      [false, true, false],
    );
  });
});
