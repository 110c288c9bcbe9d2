/** Builds dist/: the official schemas first (the sources import them), then the console, then the compiler, incrementally. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { buildConsole } from './buildConsole.mjs';
import { extractSchemas } from './extractSchemas.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
extractSchemas();
await buildConsole();
// An incremental compiler that remembers a dist/ which somebody has deleted would emit nothing.
if (!existsSync(`${root}dist/main.js`))
  rmSync(`${root}node_modules/.cache/sluice/tsbuildinfo`, { force: true });
const tsc = createRequire(import.meta.url).resolve('typescript/lib/tsc.js');
const { status } = spawnSync(process.execPath, [tsc, '-p', `${root}tsconfig.json`], { stdio: 'inherit' });
process.exit(status ?? 1);
