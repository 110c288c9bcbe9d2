import type { Outcome } from './outcome.js';

/** Failures known beforehand: `scenario` or `scenario:check`, each with its reason. */
export type Expected = Readonly<Record<string, string>>;

export type Verdict = 'passed' | 'failed' | 'expected' | 'not scored';

export interface Judgement {
  readonly verdicts: readonly { readonly outcome: Outcome; readonly verdict: Verdict }[];
  /** Entries of the list that nothing failed for: they have to be taken out. */
  readonly stale: readonly string[];
}

/**
 * Compares what failed with what was expected to.
 *
 * @param partial only some scenarios were run: entries for the others say nothing
 */
export const judge = (outcomes: readonly Outcome[], expected: Expected, partial: boolean): Judgement => {
  const used = new Set<string>();
  const verdicts = outcomes.map((outcome) => {
    const { scenario, scored, failed } = outcome;
    const excused = failed.filter(({ id }) => {
      const entry = [`${scenario}:${id}`, scenario].find((name) => name in expected);
      if (entry !== undefined) used.add(entry);
      return entry !== undefined;
    });
    const verdict: Verdict = !scored
      ? 'not scored'
      : failed.length === 0
        ? 'passed'
        : excused.length === failed.length
          ? 'expected'
          : 'failed';
    return { outcome, verdict };
  });
  const ran = new Set(outcomes.map(({ scenario }) => scenario));
  const stale = Object.keys(expected).filter(
    (entry) => !used.has(entry) && (!partial || ran.has(entry.split(':')[0] ?? entry)),
  );
  return { verdicts, stale };
};
