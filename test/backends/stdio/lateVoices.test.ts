import assert from 'node:assert/strict';
import { lateVoices } from '../../../src/sources/backends/stdio/lateVoices.js';

describe('backends/stdio/lateVoices', () => {
  it("has others' cancelled calls in mind for a minute, or until they are answered", () => {
    let time = 0;
    const late = lateVoices(() => time);
    assert.equal(late.mayBeOfOthers('ada'), false);
    late.cancelled(1, 'ada');
    assert.deepEqual([late.mayBeOfOthers('ada'), late.mayBeOfOthers('bob')], [false, true]);
    late.cancelled(2, 'bob');
    assert.deepEqual([late.mayBeOfOthers('ada'), late.mayBeOfOthers('bob')], [true, true]);
    late.answered(1);
    late.answered(7);
    assert.deepEqual([late.mayBeOfOthers('ada'), late.mayBeOfOthers('bob')], [true, false]);
    time = 59_999;
    assert.equal(late.mayBeOfOthers('ada'), true);
    time = 60_000;
    assert.equal(late.mayBeOfOthers('ada'), false);
  });

  it('remembers no more than 1024 of them, the newest', () => {
    const late = lateVoices(() => 0);
    late.cancelled(0, 'ada');
    for (let id = 1; id <= 1024; id++) late.cancelled(id, 'bob');
    assert.equal(late.mayBeOfOthers('bob'), false);
  });
});
