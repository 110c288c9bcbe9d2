import assert from 'node:assert/strict';
import { limits } from '../../src/config/limits.js';
import { streamLimits, streamSlots } from '../../src/streams/streamLimits.js';
import { anonymous } from '../../src/operators/authenticate.js';
import { clientAddress } from '../../src/streams/clientAddress.js';
import { ann, enteredCall } from '../operators/scenarios.js';

describe('streams/streamLimits', () => {
  const { watchedOfClient, ofClient } = streamLimits(
    {
      perClient: limits.streamsPerClient,
      perSession: limits.streamsPerSession,
      perServer: limits.streamsPerServer,
      resourcesPerClient: 5,
    } as Parameters<typeof streamLimits>[0],
    streamSlots(),
    clientAddress(['10.0.0.0/8']),
  );
  const counted = (notifications: object): number =>
    watchedOfClient.countOf?.(enteredCall('subscriptions/listen', { params: { notifications } })) ?? 1;

  it('who has said who he is, is that; others are their address, behind a trusted proxy their own', () => {
    const of = (address: string, forwarded?: string, principal = anonymous) =>
      ofClient.keyOf({
        ...enteredCall('ping', { address, headers: { 'x-forwarded-for': forwarded } }),
        principal,
      });
    assert.equal(of('192.0.2.1', undefined, ann), of('192.0.2.2', undefined, ann));
    assert.notEqual(of('192.0.2.1'), of('192.0.2.2'));
    assert.equal(of('192.0.2.1', '203.0.113.1'), of('192.0.2.1'));
    assert.equal(of('10.0.0.1', '203.0.113.1'), of('203.0.113.1'));
    assert.equal(of('2001:db8::1'), of('2001:db8::2'));
  });

  it('what a client watches is counted by resource and by task, each once', () => {
    assert.equal(counted({ resourceSubscriptions: ['a', 'b', 'a'], taskIds: ['t', 'u', 'u'] }), 4);
    assert.equal(counted({ toolsListChanged: true }), 0);
    assert.equal(counted({ resourceSubscriptions: 'a', taskIds: 7 }), 0);
    assert.equal(watchedOfClient.countOf?.(enteredCall('resources/subscribe', { params: { uri: 'a' } })), 1);
  });
});
