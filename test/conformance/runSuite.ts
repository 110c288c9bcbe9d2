import { outcome, type Outcome } from './outcome.js';
import { requirements, type Revision } from './requirements.js';
import { suiteCommand } from './suiteCommand.js';

export interface SuiteOptions {
  readonly url: string;
  readonly revision: Revision;
  /** Only this scenario. */
  readonly scenario?: string | undefined;
  /** Show what the suite prints. */
  readonly verbose: boolean;
}

/**
 * Runs the official suite against an endpoint.
 *
 * @returns an outcome for each scenario that was run, those that left no result included
 */
export const runSuite = async ({ url, revision, scenario, verbose }: SuiteOptions): Promise<Outcome[]> => {
  const selection =
    scenario === undefined
      ? ['--requirements', revision]
      : ['--scenario', scenario, '--spec-version', revision];
  const { code, printed, checks } = await suiteCommand(['server', '--url', url, ...selection], { verbose });
  const { scored, all } = requirements(revision, 'server');
  const names = scenario === undefined ? [...new Set([...all, ...checks.keys()])].sort() : [scenario];
  const outcomes = names.map((name) => outcome(name, scored.has(name), checks.get(name)));
  // The suite's own verdict has the last word: a failure it did not write down is one all the same.
  if (code !== 0 && outcomes.every(({ failed }) => failed.length === 0))
    throw new Error(`the suite ended with exit code ${code} and no failed check:\n${printed}`);
  return outcomes;
};
