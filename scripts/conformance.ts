/**
 * Runs the official conformance suite through the gateway: `npm run conformance`.
 *
 *   --era legacy|modern          only the requirement set of 2025-11-25 or of 2026-07-28
 *   --backend dual|legacy|modern the eras that the server behind the gateway speaks (dual)
 *   --backend tasks              a server with the tasks extension, and its scenarios instead of the scored ones
 *   --scenario NAME              only this scenario
 *   --direct                     without the gateway, to check the fixture itself
 *   --url URL                    against something that runs already
 *   --verbose                    with all that the suite and the gateway print
 *
 * The last line is `N passed, N failed`: scored scenarios, those of expected-failures.yaml and impossible.ts apart.
 */
import { parseArgs } from 'node:util';
import { expectedFailures } from '../test/conformance/expectedFailures.js';
import { backendOfEra, backendOfTasks } from '../test/conformance/backend.js';
import { judge } from '../test/conformance/judge.js';
import { report, type Tally } from '../test/conformance/report.js';
import { revisions } from '../test/conformance/requirements.js';
import { runSuite } from '../test/conformance/runSuite.js';
import { startGateway } from '../test/conformance/startGateway.js';

const { values: flags } = parseArgs({
  options: {
    era: { type: 'string' },
    backend: { type: 'string', default: 'dual' },
    scenario: { type: 'string' },
    url: { type: 'string' },
    direct: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});

const oneOf = <T extends string>(name: string, value: string, choices: readonly T[]): T => {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw new TypeError(`--${name} takes one of ${choices.join(', ')}`);
  return choice;
};

const backend = oneOf('backend', flags.backend, ['dual', 'legacy', 'modern', 'tasks'] as const);
const behind = backend === 'tasks' ? backendOfTasks : backendOfEra(backend);
const eras = behind.eras.filter((era) => flags.era === undefined || flags.era === era);
if (eras.length === 0) throw new TypeError(`--era takes one of ${behind.eras.join(', ')}`);

// The list is about the gateway; elsewhere every failure counts.
const listed = !flags.direct && flags.url === undefined;

const fixture = await behind.start();
const tallies: Tally[] = [];
try {
  for (const era of eras) {
    // A gateway for each era: what one run leaves behind cannot help or hurt the other.
    const gateway =
      flags.direct || flags.url !== undefined ? undefined : await startGateway(fixture.url, flags.verbose);
    try {
      const revision = revisions[era];
      const url = flags.url ?? gateway?.url ?? fixture.url;
      const { scenario, verbose } = flags;
      const outcomes = behind.judged(await runSuite({ url, revision, scenario, verbose }));
      const expected = listed ? expectedFailures(revision) : {};
      tallies.push(
        report(
          revision,
          judge(outcomes, {
            partial: scenario !== undefined,
            expected,
            // With --url nobody knows what is behind it.
            impossible: flags.url === undefined ? behind.impossible(revision) : [],
          }),
        ),
      );
    } finally {
      await gateway?.close();
    }
  }
} finally {
  await fixture.close();
}

const sum = (of: (tally: Tally) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
const failed = sum((tally) => tally.failed);
const passed = sum((tally) => tally.passed);
const expected = sum((tally) => tally.expected);
const excluded = sum((tally) => tally.impossible);
if (excluded > 0) console.log(`${excluded} can not pass with this backend (test/conformance/impossible.ts)`);
if (expected > 0) console.log(`${expected} expected to fail (test/conformance/expected-failures.yaml)`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
