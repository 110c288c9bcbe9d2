/** One line of a scenario's result file, as the suite writes it. */
export interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly errorMessage?: string;
}

/** What became of one scenario. */
export interface Outcome {
  readonly scenario: string;
  /** Whether it counts for the revision; the others are run and shown only. */
  readonly scored: boolean;
  readonly passed: number;
  readonly failed: readonly Check[];
  readonly warned: readonly Check[];
}

const failure = (id: string, errorMessage: string): Check => ({ id, status: 'FAILURE', errorMessage });

/** Sorts a scenario's checks; one that left no result, or counts and has checked nothing, has failed. */
export const outcome = (
  scenario: string,
  scored: boolean,
  checks: readonly Check[] = [failure('no-result', 'the suite left no result')],
): Outcome => {
  const of = (status: Check['status']) => checks.filter((check) => check.status === status);
  const [passed, failed, warned] = [of('SUCCESS').length, of('FAILURE'), of('WARNING')];
  const isEmpty = scored && passed + failed.length + warned.length === 0;
  return {
    scenario,
    scored,
    passed,
    failed: isEmpty ? [failure('no-check', 'the suite has checked nothing')] : failed,
    warned,
  };
};
