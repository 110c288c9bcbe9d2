import { fileURLToPath } from 'node:url';
import type { Log } from '../../../src/streams/log.js';
import { outcome, type Outcome } from '../outcome.js';
import { requirements, type Revision } from '../requirements.js';
import { suiteCommand } from '../suiteCommand.js';
import { driverServer } from './driverServer.js';

export interface ClientSuiteOptions {
  readonly revision: Revision;
  /** Only this scenario. */
  readonly scenario?: string | undefined;
  /** Without the gateway, to check the drives. */
  readonly direct: boolean;
  /** The revision of the clients that drive the gateway. */
  readonly drivenIn: Revision;
  /** Show what the suite prints. */
  readonly verbose: boolean;
  /** Where the gateways write. */
  readonly log: Log;
}

const command = fileURLToPath(new URL('./command.mjs', import.meta.url));
/** All scenarios run at once, so each takes as long as they all do. */
const scenarioTimeoutMs = 120_000;

/**
 * Runs the suite's client scenarios with the gateway as the client.
 *
 * @returns an outcome for each scenario; a drive that failed is a failed check of its own, whatever the suite has seen
 */
export const runClientSuite = async ({
  revision,
  scenario,
  direct,
  drivenIn,
  verbose,
  log,
}: ClientSuiteOptions): Promise<Outcome[]> => {
  const driver = await driverServer({ direct, drivenIn, log });
  try {
    const selection =
      scenario === undefined
        ? ['--requirements', revision]
        : ['--scenario', scenario, '--spec-version', revision, '--force'];
    const { code, printed, checks } = await suiteCommand(
      [
        'client',
        '--command',
        `"${process.execPath}" "${command}"`,
        '--timeout',
        String(scenarioTimeoutMs),
        ...selection,
      ],
      { verbose, env: { SLUICE_CONFORMANCE_DRIVER: driver.url } },
    );
    const { scored, all } = requirements(revision, 'client');
    const names = scenario === undefined ? [...new Set([...all, ...checks.keys()])].sort() : [scenario];
    const outcomes = names.map((name) => {
      const failure = driver.failures.get(name);
      const driven =
        failure === undefined ? [] : [{ id: 'drive', status: 'FAILURE' as const, errorMessage: failure }];
      const written = checks.get(name);
      return outcome(name, scored.has(name), written && [...written, ...driven]);
    });
    if (code !== 0 && outcomes.every(({ failed, warned }) => failed.length === 0 && warned.length === 0))
      throw new Error(`the suite ended with exit code ${code} and no failed check:\n${printed}`);
    return outcomes;
  } finally {
    await driver.close();
  }
};
