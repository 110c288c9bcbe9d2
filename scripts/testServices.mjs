/**
 * Runs the suites that need real outside services (Consul, Hazelcast, OPA, Keycloak, a browser): test/services.
 *
 * With no suite there it says so and fails: nothing tested is not a success.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const suites = globSync('test/services/**/*.test.ts', { cwd: root });
if (suites.length === 0) {
  console.error('There are no suites in test/services yet: nothing was tested.');
  console.log('0 passed, 0 failed');
  process.exit(1);
}
const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
const { status } = spawnSync(
  process.execPath,
  [
    mocha,
    // The usual configuration leaves these suites out.
    '--no-config',
    '--import=tsx',
    '--reporter=scripts/reporter.cjs',
    '--timeout=60000',
    ...process.argv.slice(2),
    ...suites,
  ],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
