/** Builds the console's page into dist/console, if its sources or tools have changed since the last time. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const built = `${root}dist/console`;
const noted = `${root}node_modules/.cache/sluice/console`;

/** What the page is made of, and by what. */
const digest = () => {
  const hash = createHash('sha256');
  const files = readdirSync(`${root}console`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  for (const path of [`${root}package-lock.json`, ...files.sort()]) hash.update(readFileSync(path));
  return hash.digest('hex');
};

/** Whoever reads dist/console meanwhile finds it whole: it is built beside, and put in its place. */
export const buildConsole = async () => {
  const now = digest();
  if (existsSync(`${built}/index.html`) && existsSync(noted) && readFileSync(noted, 'utf8') === now) return;
  const { build } = await import('vite');
  const beside = `${built}.new`;
  await build({ root: `${root}console`, logLevel: 'warn', build: { outDir: beside } });
  rmSync(built, { recursive: true, force: true });
  renameSync(beside, built);
  mkdirSync(`${root}node_modules/.cache/sluice`, { recursive: true });
  writeFileSync(noted, now);
};
