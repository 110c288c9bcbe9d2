import assert from 'node:assert/strict';
import { Subscription } from 'rxjs';
import { LiveCalls, type LiveCall } from '../../src/streams/liveCalls.js';
import { call } from '../../src/testing/call.js';

const live = (id: number | string, sessionId: string): LiveCall => {
  const exchange = call('tools/call', { version: '2025-11-25' });
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
