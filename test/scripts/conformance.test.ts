import assert from 'node:assert/strict';
import { expectedFailures } from '../conformance/expectedFailures.js';
import { judge } from '../conformance/judge.js';
import { outcome, type Check, type Outcome } from '../conformance/outcome.js';
import { revisions, scoredScenarios } from '../conformance/requirements.js';

const check = (id: string, status: Check['status']): Check => ({ id, status });
const ran = (scenario: string, ...checks: Check[]): Outcome => outcome(scenario, true, checks);
const verdictsOf = (judgement: ReturnType<typeof judge>) =>
  Object.fromEntries(judgement.verdicts.map(({ outcome: { scenario }, verdict }) => [scenario, verdict]));

describe('the conformance harness', () => {
  it('counts a scenario without a result as failed', () => {
    const judgement = judge([outcome('ping', true, undefined)], {}, false);
    assert.deepEqual(verdictsOf(judgement), { ping: 'failed' });
  });

  it('lets warnings and informations pass', () => {
    const judgement = judge([ran('ping', check('a', 'WARNING'), check('b', 'INFO'))], {}, false);
    assert.deepEqual(verdictsOf(judgement), { ping: 'passed' });
  });

  it('excuses what is listed, by scenario or by check, and nothing else', () => {
    const outcomes = [
      ran('whole', check('a', 'FAILURE'), check('b', 'FAILURE')),
      ran('one', check('a', 'FAILURE'), check('b', 'SUCCESS')),
      ran('more', check('a', 'FAILURE'), check('b', 'FAILURE')),
    ];
    const judgement = judge(outcomes, { whole: 'why', 'one:a': 'why', 'more:a': 'why' }, false);
    assert.deepEqual(verdictsOf(judgement), { whole: 'expected', one: 'expected', more: 'failed' });
    assert.deepEqual(judgement.stale, []);
  });

  it('reports entries that nothing fails for, unless their scenario was not run', () => {
    const outcomes = [ran('ping', check('a', 'SUCCESS'))];
    const expected = { ping: 'why', 'ping:a': 'why', other: 'why' };
    assert.deepEqual(judge(outcomes, expected, false).stale, ['ping', 'ping:a', 'other']);
    assert.deepEqual(judge(outcomes, expected, true).stale, ['ping', 'ping:a']);
  });

  it('does not count what the revision does not require', () => {
    const judgement = judge([outcome('tasks', false, [check('a', 'FAILURE')])], {}, false);
    assert.deepEqual(verdictsOf(judgement), { tasks: 'not scored' });
  });

  it('expects failures of scored scenarios only', () => {
    for (const revision of Object.values(revisions)) {
      const scored = scoredScenarios(revision);
      assert(scored.size >= 30);
      for (const entry of Object.keys(expectedFailures(revision)))
        assert(scored.has(entry.split(':')[0] ?? ''), `${revision}: ${entry}`);
    }
  });
});
