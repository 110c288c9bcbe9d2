/**
 * Runs the official suite's client scenarios against the gateway's upstream side: `npm run conformance:client`.
 *
 *   --era legacy|modern   only the requirement set of 2025-11-25 or of 2026-07-28
 *   --client other        drive the gateway by a client of the other era than the servers: across the bridge of eras
 *   --scenario NAME       only this scenario
 *   --direct              without the gateway: the official client by itself, to check the drives
 *   --verbose             with all that the suite and the gateways print
 *
 * The suite starts a server for each scenario; a gateway in front of it is driven by an official client, and the suite judges
 * what the gateway sends. The last line is `N passed, N failed`: scored scenarios; one that nobody knows how to drive has failed.
 */
import { parseArgs } from 'node:util';
import { runClientSuite } from '../test/conformance/client/runClientSuite.js';
import { judge } from '../test/conformance/judge.js';
import { report, type Tally } from '../test/conformance/report.js';
import { revisions } from '../test/conformance/requirements.js';
import { silent, type Log } from '../src/streams/log.js';

const { values: flags } = parseArgs({
  options: {
    era: { type: 'string' },
    client: { type: 'string', default: 'same' },
    scenario: { type: 'string' },
    direct: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const { scenario, direct, verbose } = flags;

const eras = (['legacy', 'modern'] as const).filter((era) => flags.era === undefined || flags.era === era);
if (eras.length === 0) throw new TypeError('--era takes one of legacy, modern');
if (!['same', 'other'].includes(flags.client)) throw new TypeError('--client takes one of same, other');

const loud: Log = {
  debug: () => undefined,
  info: (fields, message) => console.error(message, fields),
  warn: (fields, message) => console.error(message, fields),
  error: (fields, message) => console.error(message, fields),
};

const tallies: Tally[] = [];
for (const era of eras) {
  const revision = revisions[era];
  const drivenIn = flags.client === 'same' ? revision : revisions[era === 'legacy' ? 'modern' : 'legacy'];
  const outcomes = await runClientSuite({
    revision,
    scenario,
    direct,
    drivenIn,
    verbose,
    log: verbose ? loud : silent,
  });
  tallies.push(report(revision, judge(outcomes, { partial: scenario !== undefined })));
}

const sum = (of: (tally: Tally) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
const failed = sum((tally) => tally.failed);
const passed = sum((tally) => tally.passed);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
