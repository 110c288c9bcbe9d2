import Table from 'cli-table3';
import type { Judgement, Verdict } from './judge.js';
import type { Revision } from './requirements.js';

/** How often each verdict fell. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly expected: number;
  readonly impossible: number;
}

const marks: Readonly<Record<Verdict, string>> = {
  passed: 'ok',
  failed: 'FAILED',
  expected: 'expected',
  impossible: 'impossible',
  'not scored': '-',
};

/** Prints a revision's verdicts as a table, then each unexpected failure in words, then what counts and what does not. */
export const report = (revision: Revision, { verdicts, stale, excluded }: Judgement): Tally => {
  const table = new Table({
    head: [revision, 'verdict', 'checks passed', 'failed', 'warned'],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'left', 'right', 'right', 'right'],
  });
  for (const { outcome, verdict } of verdicts)
    table.push([
      outcome.scenario,
      marks[verdict],
      outcome.passed,
      outcome.failed.length,
      outcome.warned.length,
    ]);
  console.log(table.toString());

  for (const { outcome, verdict } of verdicts)
    if (verdict === 'failed')
      for (const { id, errorMessage } of outcome.failed)
        console.log(`${revision} ${outcome.scenario}:${id}\n    ${errorMessage ?? 'no message'}`);
  for (const entry of stale)
    console.log(
      `${revision} ${entry}\n    is in expected-failures.yaml or impossible.ts, but nothing fails as it says: take it out`,
    );

  for (const { entry, reason } of excluded) console.log(`${revision} ${entry}\n    can not pass: ${reason}`);

  const count = (wanted: Verdict) => verdicts.filter(({ verdict }) => verdict === wanted).length;
  const checks = (of: (entry: (typeof verdicts)[number]) => number) =>
    verdicts.reduce((sum, entry) => sum + of(entry), 0);
  const counted = (['passed', 'failed', 'expected', 'impossible'] as const)
    .filter((verdict) => verdict === 'passed' || count(verdict) > 0)
    .map((verdict) => `${count(verdict)} ${verdict}`);
  const unscored = verdicts.filter(({ verdict }) => verdict === 'not scored');
  const clean = unscored.filter(({ outcome }) => outcome.failed.length === 0);
  console.log(
    `${revision}: ${verdicts.length - unscored.length} scored: ${counted.join(', ')}; ` +
      `${unscored.length} not scored: ${clean.length} without a failed check\n` +
      `${revision}: ${checks(({ outcome }) => outcome.passed)} checks passed, ` +
      `${checks(({ outcome }) => outcome.failed.length)} failed (scored or not)\n`,
  );
  return {
    passed: count('passed'),
    failed: count('failed') + stale.length,
    expected: count('expected'),
    impossible: count('impossible'),
  };
};
