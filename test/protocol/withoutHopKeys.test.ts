import assert from 'node:assert/strict';
import { withoutHopKeys } from '../../src/protocol/withoutHopKeys.js';

describe('protocol/withoutHopKeys', () => {
  const reserved = 'io.modelcontextprotocol/';

  for (const untouched of [
    {},
    { a: 1 },
    { _meta: {} },
    { _meta: 'no object' },
    { _meta: { 'vendor.example/key': 1, plain: 2 } },
    { _meta: { [`${reserved}related-task`]: { taskId: 't' }, [`${reserved}serverInfo`]: {} } },
  ])
    it(`gives ${JSON.stringify(untouched)} as it is`, () =>
      assert.equal(withoutHopKeys(untouched), untouched));

  for (const key of [
    'progressToken',
    `${reserved}subscriptionId`,
    `${reserved}logLevel`,
    `${reserved}made-up`,
  ]) {
    it(`takes ${key} out and leaves the rest`, () =>
      assert.deepEqual(withoutHopKeys({ a: 1, _meta: { [key]: 7, 'vendor.example/key': 1 } }), {
        a: 1,
        _meta: { 'vendor.example/key': 1 },
      }));

    it(`leaves no empty _meta without ${key}`, () =>
      assert.deepEqual(withoutHopKeys({ a: 1, _meta: { [key]: 7 } }), { a: 1 }));
  }
});
