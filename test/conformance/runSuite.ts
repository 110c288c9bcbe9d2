import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { outcome, type Check, type Outcome } from './outcome.js';
import { scoredScenarios, type Revision } from './requirements.js';

export interface SuiteOptions {
  readonly url: string;
  readonly revision: Revision;
  /** Only this scenario. */
  readonly scenario?: string | undefined;
  /** Show what the suite prints. */
  readonly verbose: boolean;
}

const require = createRequire(import.meta.url);
const suite = join(
  dirname(require.resolve('@modelcontextprotocol/conformance/package.json')),
  'dist/index.js',
);

/** The suite needs Node 22; the pinned runtime of the `node` package is that, whatever runs this. */
const runtime = (() => {
  const pinned = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url));
  return existsSync(pinned) ? pinned : process.execPath;
})();

/** A result folder is named after its scenario and the time: `server-ping-2026-11-21T06-27-32-231Z`. */
const scenarioOf = (folder: string): string =>
  folder.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '');

const readChecks = async (folder: string): Promise<readonly Check[] | undefined> => {
  const file = join(folder, 'checks.json');
  return existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as Check[]) : undefined;
};

/**
 * Runs the official suite against an endpoint and reads its result files.
 *
 * @returns an outcome for each scenario that was run, the scored ones that left no result included
 */
export const runSuite = async ({ url, revision, scenario, verbose }: SuiteOptions): Promise<Outcome[]> => {
  const results = await mkdtemp(join(tmpdir(), 'sluice-conformance-'));
  try {
    const selection =
      scenario === undefined
        ? ['--requirements', revision]
        : ['--scenario', scenario, '--spec-version', revision];
    const child = spawn(runtime, [suite, 'server', '--url', url, ...selection, '-o', results], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        printed = (printed + chunk).slice(-20_000);
        if (verbose) process.stderr.write(chunk);
      });
    const [code] = (await once(child, 'close')) as [number | null];

    const scored = scoredScenarios(revision);
    const found = new Map<string, readonly Check[] | undefined>();
    for (const folder of (await readdir(results)).sort())
      found.set(scenarioOf(folder), await readChecks(join(results, folder)));
    for (const name of scenario === undefined ? scored : [scenario])
      if (!found.has(name)) found.set(name, undefined);
    const outcomes = [...found].map(([name, checks]) => outcome(name, scored.has(name), checks));
    // The suite's own verdict has the last word: a failure it did not write down is one all the same.
    if (code !== 0 && outcomes.every(({ failed }) => failed.length === 0))
      throw new Error(`the suite ended with exit code ${code} and no failed check:\n${printed}`);
    return outcomes;
  } finally {
    await rm(results, { recursive: true, force: true });
  }
};
