import assert from 'node:assert/strict';
import type { Tally } from '../../src/replay/tally.js';
import { callsPerRound } from './mixedTraffic.js';
import { recordedStory, type RecordedStory } from './recordedStory.js';

/**
 * Records so many rounds of mixed traffic (both eras, all transports, errors) and replays them: all answers are the same, and a change in a
 * backend is told, nothing else.
 */
export const everyAnswerMatches = (rounds: number, timeoutMs: number): void => {
  describe(`a recording of ${rounds * callsPerRound} mixed calls, replayed`, function () {
    this.timeout(timeoutMs);
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
};
