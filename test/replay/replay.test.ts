import assert from 'node:assert/strict';
import { everyAnswerMatches } from './everyAnswerMatches.js';
import { recordedStory, type RecordedStory } from './recordedStory.js';

// `npm run test:replay` has 10,000 calls.
everyAnswerMatches(4, 60_000);

describe('replay', function () {
  this.timeout(60_000);
  let story: RecordedStory;

  before(async () => (story = await recordedStory(1)));
  after(() => story.close());

  it('has each of several users do all of it, each time with sessions of their own', async () => {
    const tally = await story.replay({ users: 2, loops: 2 });
    assert.deepEqual([...tally.differences.values()], []);
    assert.equal(tally.calls % 4, 0);
    assert.equal(tally.byName.get('initialize')?.matched, 4 * 3);
  });
});
