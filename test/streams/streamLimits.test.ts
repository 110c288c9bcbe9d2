import assert from 'node:assert/strict';
import { limits } from '../../src/config/limits.js';
import { streamLimits, streamSlots } from '../../src/streams/streamLimits.js';
import { enteredCall } from '../operators/scenarios.js';

describe('streams/streamLimits', () => {
  const { watchedOfClient } = streamLimits(
    {
      perClient: limits.streamsPerClient,
      perSession: limits.streamsPerSession,
      perServer: limits.streamsPerServer,
      resourcesPerClient: 5,
    } as Parameters<typeof streamLimits>[0],
    streamSlots(),
  );
  const counted = (notifications: object): number =>
    watchedOfClient.countOf?.(enteredCall('subscriptions/listen', { params: { notifications } })) ?? 1;

  it('what a client watches is counted by resource and by task, each once', () => {
    assert.equal(counted({ resourceSubscriptions: ['a', 'b', 'a'], taskIds: ['t', 'u', 'u'] }), 4);
    assert.equal(counted({ toolsListChanged: true }), 0);
    assert.equal(counted({ resourceSubscriptions: 'a', taskIds: 7 }), 0);
    assert.equal(watchedOfClient.countOf?.(enteredCall('resources/subscribe', { params: { uri: 'a' } })), 1);
  });
});
