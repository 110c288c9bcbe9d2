import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Check } from './outcome.js';

/** What one run of the suite left behind. */
export interface SuiteResults {
  readonly code: number | null;
  /** The end of what it printed. */
  readonly printed: string;
  /** The checks of each scenario that wrote any. */
  readonly checks: ReadonlyMap<string, readonly Check[]>;
}

export interface SuiteCommandOptions {
  /** Show what the suite prints. */
  readonly verbose: boolean;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
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

/**
 * A result folder is named after its scenario and the time: `server-ping-2026-11-21T06-27-32-231Z`, and for the client's leg
 * `auth/basic-cimd-2026-11-21T06-27-32-231Z`.
 */
const scenarioOf = (folder: string): string =>
  folder.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '');

const readResults = async (results: string): Promise<Map<string, readonly Check[]>> => {
  const checks = new Map<string, readonly Check[]>();
  const entries = await readdir(results, { recursive: true });
  for (const entry of entries.filter((name) => name.endsWith('checks.json')).sort())
    checks.set(
      scenarioOf(relative('.', dirname(entry))),
      JSON.parse(await readFile(join(results, entry), 'utf8')) as Check[],
    );
  return checks;
};

/**
 * Runs the official suite once and reads its result files.
 *
 * @param args its command line, without the folder for the results
 */
export const suiteCommand = async (
  args: readonly string[],
  { verbose, env = {} }: SuiteCommandOptions,
): Promise<SuiteResults> => {
  const results = await mkdtemp(join(tmpdir(), 'sluice-conformance-'));
  try {
    const child = spawn(runtime, [suite, ...args, '-o', results], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        printed = (printed + chunk).slice(-20_000);
        if (verbose) process.stderr.write(chunk);
      });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, printed, checks: await readResults(results) };
  } finally {
    await rm(results, { recursive: true, force: true });
  }
};
