/**
 * Side by side: the backend alone, behind the least proxy that Node can be, behind nginx, behind Sluice, and behind the gateways of npm's
 * registry; and what each thing that Sluice does costs.
 *
 *     npm run bench [-- --short] [-- --json FILE] [-- --plot FILE] [-- --only PART,…] [-- --clients 1,8] [-- --rounds N] [-- --processes N] [-- --streams N]
 *
 * Everything takes up to ten minutes, and `--soak`, ten minutes of calls, ten more; `--short` shows that it works. docs/performance.md tells of the parts.
 *
 * Why the figures mean something:
 * - One process per role, so that no role's garbage or event loop is on another's bill. What is measured has core 0 for itself;
 *   backend and load generator share core 1 (with `taskset`; the output says so when it is missing). `core busy` shows that the
 *   target, not the load, was the limit, and `CPU µs/req` is what the kernel charged the target's process.
 * - The same backend, the same load generator and the same bytes for every target; only port and tool name differ. What can't be
 *   the same with others' gateways is said beneath the table.
 * - Turns are short and interleaved, and ratios are made within a round: a machine that gets slower does so for everybody.
 * - Every target is warmed up, per workload, before anything counts.
 * - Every request has an id and a text of its own, and every answer is checked for them: a fast wrong answer ends the run.
 * - Little's law is checked in each cell: clients at work = throughput × mean latency. Where it is off by a tenth the run has failed.
 *
 * What they do not mean: closed loops measure capacity and the latency at a fixed number of clients; loopback has no network; two cores
 * share a cache.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chosen, parts } from './parts.mjs';
import { planOf } from './plan.mjs';
import { plotPage } from './plotPage.mjs';
import { circumstances, contradictions, doubts, ratios } from './report.mjs';
import { canPin, stopAll } from './targets.mjs';

const options = {
  short: { type: 'boolean', default: false },
  json: { type: 'string' },
  /** A page with plots. */
  plot: { type: 'string' },
  rounds: { type: 'string' },
  only: { type: 'string' },
  clients: { type: 'string' },
  streams: { type: 'string' },
  processes: { type: 'string' },
  /** The soak alone: ten minutes. */
  soak: { type: 'boolean', default: false },
};

const told = (about) =>
  `${about.date}, ${about.commit ?? 'no commit'}, Node ${about.node}, undici ${about.undici}, rxjs ${about.rxjs}, ${about.cpu}, ` +
  `${about.platform}\n` +
  (about.pinned
    ? 'Target on core 0; backend and load on core 1.'
    : 'NOT PINNED: taskset is missing or refused; processes compete for cores.');

/** What could not be had for one part or another. */
const missingOf = (measured) => Object.values(measured).flatMap(({ missing = [] }) => missing);

/** The content of the JSON file; docs/performance.md describes it. */
const jsonOf = (measured, plan, about, seconds, warnings) => {
  const { calls = { rows: [], remarks: [] }, ...others } = measured;
  return {
    results: calls.rows.filter(({ concurrency }) => concurrency === plan.headline),
    ratios: ratios(calls.rows, plan.headline),
    cells: calls.rows,
    remarks: calls.remarks,
    missing: [...new Set(missingOf(measured))],
    ...others,
    headline: plan.headline,
    about,
    seconds,
    warnings,
  };
};

const run = async () => {
  const { values: flags } = parseArgs({ options });
  const plan = planOf(flags);
  const wanted = chosen({ ...flags, only: flags.soak ? 'soak' : flags.only });
  const about = circumstances(canPin);
  console.log(told(about));
  // What can't be written is better known before than after ten minutes.
  for (const file of [flags.json, flags.plot]) if (file !== undefined) writeFileSync(file, '');
  const measured = {};
  const seconds = {};
  const shown = {};
  for (const name of wanted.parts) {
    const beganAt = performance.now();
    measured[name] = await parts[name].measure(plan, wanted.workloads);
    await stopAll();
    seconds[name] = Math.round((performance.now() - beganAt) / 1000);
    shown[name] = parts[name].show(measured[name], plan);
    console.log(`\n${shown[name]}`);
  }
  const { rows = [] } = measured.calls ?? {};
  for (const line of new Set(missingOf(measured))) console.error(`\nMISSING: ${line}`);
  const warnings = doubts(rows);
  if (warnings.length > 0) console.log(`\nTo be taken with care:\n- ${warnings.join('\n- ')}`);
  const parted = Object.entries(seconds).map(([name, taken]) => `${name} ${taken} s`);
  console.log(`\nTook ${parted.join(', ')}.`);
  if (flags.json !== undefined)
    writeFileSync(
      flags.json,
      `${JSON.stringify(jsonOf(measured, plan, about, seconds, warnings), null, 2)}\n`,
    );
  if (flags.plot !== undefined)
    writeFileSync(flags.plot, plotPage({ measured, shown, plan, about: told(about) }));
  const broken = contradictions(rows);
  if (broken.length > 0) throw new Error(`Not to be believed:\n- ${broken.join('\n- ')}`);
};

try {
  await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await stopAll();
}
