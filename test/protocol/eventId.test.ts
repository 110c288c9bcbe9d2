import assert from 'node:assert/strict';
import { eventId, eventPlace } from '../../src/protocol/eventId.js';

describe('protocol/eventId', () => {
  it('goes there and back', () => {
    for (const place of [
      { streamId: 'a_B-1', position: 0 },
      { streamId: 'x', position: 123456 },
    ])
      assert.deepEqual(eventPlace(eventId(place)), place);
  });

  for (const id of [
    undefined,
    '',
    'x',
    'x.',
    '.1',
    'x.01',
    'x.-1',
    'x.1.2',
    'x y.1',
    'x.1e3',
    `${'x'.repeat(65)}.1`,
  ])
    it(`${JSON.stringify(id)} is none of ours`, () => assert.equal(eventPlace(id), undefined));
});
