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

/** Sorts a scenario's checks; a scenario that left no result has failed. */
export const outcome = (scenario: string, scored: boolean, checks: readonly Check[] | undefined): Outcome => {
  if (checks === undefined)
    return {
      scenario,
      scored,
      passed: 0,
      failed: [{ id: 'no-result', status: 'FAILURE', errorMessage: 'the suite left no result' }],
      warned: [],
    };
  const of = (status: Check['status']) => checks.filter((check) => check.status === status);
  return {
    scenario,
    scored,
    passed: of('SUCCESS').length,
    failed: of('FAILURE'),
    warned: of('WARNING'),
  };
};
