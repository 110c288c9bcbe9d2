import assert from 'node:assert/strict';
import type { Tally } from '../../src/replay/tally.js';
import { callsPerRound } from './mixedTraffic.js';
import { recordedStory, type RecordedStory } from './recordedStory.js';

// `npm run test:services -- replay` has 10,000 calls.
const rounds = 4;

describe(`a recording of ${rounds * callsPerRound} mixed calls, replayed`, function () {
  this.timeout(60_000);
  let story: RecordedStory;

  before(async () => (story = await recordedStory(rounds)));
  after(() => story.close());

  const allMatch = (tally: Tally): void => {
    assert.deepEqual([...tally.differences.values()], []);
    assert.deepEqual([...tally.warnings], []);
    assert.deepEqual([...tally.uncompared], []);
    assert.equal(tally.matched, tally.calls);
    assert.ok(tally.calls >= rounds * callsPerRound, `${tally.calls} calls`);
  };

  for (const [name, rate] of [
    ['as fast as it was', 1],
    ['ten times as fast', 10],
    ['as fast as can be', Infinity],
  ] as const)
    it(`${name}: every answer is the same`, async () => allMatch(await story.replay({ rate })));

  it('by two users, twice: every answer is the same', async () => {
    const tally = await story.replay({ users: 2, loops: 2 });
    allMatch(tally);
    assert.equal(tally.calls % 4, 0);
  });

  it('tells of a change in a backend, and of nothing else', async () => {
    story.greeting = 'good day';
    const tally = await story.replay();
    story.greeting = 'hello';
    assert.deepEqual(
      [...tally.differences.values()].map(({ name, at, expected, actual, count }) => ({
        name,
        at,
        expected,
        actual,
        count,
      })),
      [
        {
          name: 'back_greet',
          at: '/result/structuredContent/greeting',
          expected: 'hello',
          actual: 'good day',
          count: 4 * rounds,
        },
      ],
    );
    assert.equal(tally.different, 4 * rounds);
    assert.equal(tally.matched, tally.calls - tally.different);
  });
});
