import type { Outcome } from './outcome.js';

/** Failures known beforehand: `scenario` or `scenario:check`, each with its reason. */
export type Expected = Readonly<Record<string, string>>;

export type Verdict = 'passed' | 'failed' | 'expected' | 'not scored' | 'not driven';

export interface Judgement {
  readonly verdicts: readonly { readonly outcome: Outcome; readonly verdict: Verdict }[];
  /** Entries of the list that nothing failed for: they have to be taken out. */
  readonly stale: readonly string[];
}

export interface JudgeOptions {
  /** Only some scenarios were run: entries for the others say nothing. */
  readonly partial: boolean;
  readonly expected?: Expected;
  /** Whether anybody does what a scenario wants; every one is driven unless this says otherwise. */
  readonly driven?: (scenario: string) => boolean;
}

/** Compares what failed with what was expected to. */
export const judge = (
  outcomes: readonly Outcome[],
  { partial, expected = {}, driven = () => true }: JudgeOptions,
): Judgement => {
  const used = new Set<string>();
  const verdictOf = ({ scenario, scored, failed }: Outcome): Verdict => {
    const excused = failed.filter(({ id }) => {
      const entry = [`${scenario}:${id}`, scenario].find((name) => name in expected);
      if (entry !== undefined) used.add(entry);
      return entry !== undefined;
    });
    if (!scored) return 'not scored';
    if (!driven(scenario)) return 'not driven';
    if (failed.length === 0) return 'passed';
    return excused.length === failed.length ? 'expected' : 'failed';
  };
  const verdicts = outcomes.map((outcome) => ({ outcome, verdict: verdictOf(outcome) }));
  const ran = new Set(outcomes.map(({ scenario }) => scenario));
  const stale = Object.keys(expected).filter(
    (entry) => !used.has(entry) && (!partial || ran.has(entry.split(':')[0] ?? entry)),
  );
  return { verdicts, stale };
};
