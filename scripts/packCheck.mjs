/**
 * Checks what `npm pack` would publish: everything that has to be there is, nothing else is, and it is not too big.
 *
 * Tests, sources, source maps (without the sources they lead nowhere) and anything unforeseen stop it.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const maxPackedBytes = 1_500_000;
const maxUnpackedBytes = 5_500_000;

const required = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'dist/main.js',
  'dist/index.js',
  'dist/index.d.ts',
  'dist/console/index.html',
  'generated/schemas.js',
];
const allowed = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^dist\/.+\.(js|d\.ts)$/,
  /^dist\/console\/(index\.html|licenses\.md|assets\/[\w-]+\.(css|svg))$/,
  /^generated\/schemas\.(js|d\.ts)$/,
  /^schema\/[\w.-]+\.json$/,
];
const forbidden = [/\.test\./, /(^|\/)(test|bench|coverage)\//, /\.map$/, /\.tsbuildinfo$/, /(^|\/)\./];

// The build has been run before; its scripts print to stdout and would spoil the JSON.
const { status, stdout, stderr } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
  cwd: root,
  encoding: 'utf8',
});
if (status !== 0) {
  console.error(stderr);
  process.exit(1);
}
// npm 12 answers with an object by package name where older ones answer with a list.
const [pack] = Object.values(JSON.parse(stdout));
const paths = pack.files.map(({ path }) => path);

const complaints = [
  ...required.filter((path) => !paths.includes(path)).map((path) => `missing: ${path}`),
  ...paths
    .filter((path) => forbidden.some((pattern) => pattern.test(path)) || !allowed.some((p) => p.test(path)))
    .map((path) => `not to be published: ${path}`),
  ...(pack.size > maxPackedBytes ? [`${pack.size} bytes packed, more than ${maxPackedBytes}`] : []),
  ...(pack.unpackedSize > maxUnpackedBytes
    ? [`${pack.unpackedSize} bytes unpacked, more than ${maxUnpackedBytes}`]
    : []),
];
for (const complaint of complaints) console.error(complaint);
console.log(
  `${pack.name}@${pack.version}: ${paths.length} files, ${pack.size} bytes packed, ${pack.unpackedSize} unpacked`,
);
process.exit(complaints.length > 0 ? 1 : 0);
