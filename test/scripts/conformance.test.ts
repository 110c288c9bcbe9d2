import assert from 'node:assert/strict';
import { driveOf } from '../conformance/client/scenarios.js';
import { expectedFailures } from '../conformance/expectedFailures.js';
import { judge } from '../conformance/judge.js';
import { outcome, type Check, type Outcome } from '../conformance/outcome.js';
import { requirements, revisions } from '../conformance/requirements.js';

const check = (id: string, status: Check['status']): Check => ({ id, status });
const ran = (scenario: string, ...checks: Check[]): Outcome => outcome(scenario, true, checks);
const verdictsOf = (judgement: ReturnType<typeof judge>) =>
  Object.fromEntries(judgement.verdicts.map(({ outcome: { scenario }, verdict }) => [scenario, verdict]));

describe('the conformance harness', () => {
  it('counts a scenario without a result as failed', () => {
    const judgement = judge([outcome('ping', true, undefined)], { partial: false });
    assert.deepEqual(verdictsOf(judgement), { ping: 'failed' });
  });

  it('counts a scenario that has checked nothing as failed, if it counts at all', () => {
    const nothing = [check('a', 'INFO'), check('b', 'SKIPPED')];
    const judgement = judge([outcome('ping', true, nothing), outcome('tasks', false, nothing)], {
      partial: false,
    });
    assert.deepEqual(verdictsOf(judgement), { ping: 'failed', tasks: 'not scored' });
  });

  it('lets warnings and informations pass', () => {
    const judgement = judge([ran('ping', check('a', 'WARNING'), check('b', 'INFO'))], { partial: false });
    assert.deepEqual(verdictsOf(judgement), { ping: 'passed' });
  });

  it('excuses what is listed, by scenario or by check, and nothing else', () => {
    const outcomes = [
      ran('whole', check('a', 'FAILURE'), check('b', 'FAILURE')),
      ran('one', check('a', 'FAILURE'), check('b', 'SUCCESS')),
      ran('more', check('a', 'FAILURE'), check('b', 'FAILURE')),
    ];
    const judgement = judge(outcomes, {
      partial: false,
      expected: { whole: 'why', 'one:a': 'why', 'more:a': 'why' },
    });
    assert.deepEqual(verdictsOf(judgement), { whole: 'expected', one: 'expected', more: 'failed' });
    assert.deepEqual(judgement.stale, []);
  });

  it('reports entries that nothing fails for, unless their scenario was not run', () => {
    const outcomes = [ran('ping', check('a', 'SUCCESS'))];
    const expected = { ping: 'why', 'ping:a': 'why', other: 'why' };
    assert.deepEqual(judge(outcomes, { expected, partial: false }).stale, ['ping', 'ping:a', 'other']);
    assert.deepEqual(judge(outcomes, { expected, partial: true }).stale, ['ping', 'ping:a']);
  });

  it('excludes what can not pass, for the very failure that is named, and reports when it does', () => {
    const exclusion = { entry: 'ask:key', finding: /^no key$/, reason: 'why' };
    const failure = (errorMessage: string): Check => ({ id: 'key', status: 'FAILURE', errorMessage });
    const verdict = (...checks: Check[]) => {
      const judgement = judge([ran('ask', ...checks)], { partial: false, impossible: [exclusion] });
      return [verdictsOf(judgement)['ask'], judgement.stale, judgement.excluded.length];
    };
    assert.deepEqual(verdict(failure('no key')), ['impossible', [], 1]);
    assert.deepEqual(verdict(failure('no key'), check('b', 'FAILURE')), ['failed', [], 1]);
    assert.deepEqual(verdict(failure('no answer')), ['failed', ['ask:key'], 0]);
    assert.deepEqual(verdict(check('key', 'SUCCESS')), ['passed', ['ask:key'], 0]);
  });

  it('does not count what the revision does not require', () => {
    const judgement = judge([outcome('tasks', false, [check('a', 'FAILURE')])], { partial: false });
    assert.deepEqual(verdictsOf(judgement), { tasks: 'not scored' });
  });

  it('knows how to drive every client scenario that counts', () => {
    for (const revision of Object.values(revisions))
      for (const scenario of requirements(revision, 'client').scored)
        assert.notEqual(driveOf(scenario), undefined, scenario);
  });

  it('knows every scenario of both legs, and which of them count', () => {
    const counts = Object.values(revisions).flatMap((revision) =>
      (['server', 'client'] as const).map((leg) => {
        const { scored, all } = requirements(revision, leg);
        return [revision, leg, scored.size, all.size];
      }),
    );
    assert.deepEqual(counts, [
      ['2025-11-25', 'server', 30, 33],
      ['2025-11-25', 'client', 18, 25],
      ['2026-07-28', 'server', 37, 50],
      ['2026-07-28', 'client', 32, 39],
    ]);
  });

  it('expects failures of scored scenarios only', () => {
    for (const revision of Object.values(revisions)) {
      const { scored } = requirements(revision, 'server');
      assert(scored.size >= 30);
      for (const entry of Object.keys(expectedFailures(revision)))
        assert(scored.has(entry.split(':')[0] ?? ''), `${revision}: ${entry}`);
    }
  });
});
