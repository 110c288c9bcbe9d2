import type { Impossible } from './impossible.js';
import type { Check, Outcome } from './outcome.js';

/** Failures known beforehand: `scenario` or `scenario:check`, each with its reason. */
export type Expected = Readonly<Record<string, string>>;

export type Verdict = 'passed' | 'failed' | 'expected' | 'impossible' | 'not scored';

export interface Judgement {
  readonly verdicts: readonly { readonly outcome: Outcome; readonly verdict: Verdict }[];
  /** Entries of either list that nothing failed for: they have to be taken out. */
  readonly stale: readonly string[];
  /** What could not pass and did not, with the protocol's reason. */
  readonly excluded: readonly Impossible[];
}

export interface JudgeOptions {
  /** Only some scenarios were run: entries for the others say nothing. */
  readonly partial: boolean;
  readonly expected?: Expected;
  /** What can not pass, whatever the gateway does. */
  readonly impossible?: readonly Impossible[];
}

/** Compares what failed with what was expected to. */
export const judge = (
  outcomes: readonly Outcome[],
  { partial, expected = {}, impossible = [] }: JudgeOptions,
): Judgement => {
  const used = new Set<string>();
  const excluded = new Set<Impossible>();
  const exclusionOf = (scenario: string, { id, errorMessage = '' }: Check): Impossible | undefined =>
    impossible.find(({ entry, finding }) => entry === `${scenario}:${id}` && finding.test(errorMessage));
  const verdictOf = ({ scenario, scored, failed }: Outcome): Verdict => {
    const left = failed.filter((check) => {
      const exclusion = exclusionOf(scenario, check);
      if (exclusion !== undefined) excluded.add(exclusion);
      return exclusion === undefined;
    });
    const excused = left.filter(({ id }) => {
      const entry = [`${scenario}:${id}`, scenario].find((name) => name in expected);
      if (entry !== undefined) used.add(entry);
      return entry !== undefined;
    });
    if (!scored) return 'not scored';
    if (failed.length === 0) return 'passed';
    if (left.length === 0) return 'impossible';
    return excused.length === left.length ? 'expected' : 'failed';
  };
  const verdicts = outcomes.map((outcome) => ({ outcome, verdict: verdictOf(outcome) }));
  const ran = new Set(outcomes.map(({ scenario }) => scenario));
  const concerns = (entry: string): boolean => !partial || ran.has(entry.split(':')[0] ?? entry);
  const unused = [
    ...Object.keys(expected).filter((entry) => !used.has(entry)),
    ...impossible.filter((exclusion) => !excluded.has(exclusion)).map(({ entry }) => entry),
  ];
  return { verdicts, stale: unused.filter(concerns), excluded: [...excluded] };
};
