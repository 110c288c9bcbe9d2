/**
 * Runs the suites that need real outside services (Consul, Hazelcast, OPA, Keycloak, a browser): test/services.
 *
 * `npm run test:services -- consul` runs those of one service; options go to mocha. With no suite there it says so and fails: nothing
 * tested is not a success.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const given = process.argv.slice(2);
const services = given.filter((word) => /^[a-z]+$/.test(word));
const folders = services.length === 0 ? ['**'] : services;
const suites = folders.flatMap((folder) => globSync(`test/services/${folder}/*.test.ts`, { cwd: root }));
if (suites.length === 0) {
  console.error('There are no such suites in test/services: nothing was tested.');
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
    '--retries=1', // as in .mocharc.json: machines are noisy, and what was tried again is named
    ...given.filter((word) => !services.includes(word)),
    ...suites,
  ],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
