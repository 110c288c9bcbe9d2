/**
 * Asks a running gateway through the command line of the official MCP Inspector, as each era of client.
 *
 *   node scripts/inspector.mjs URL [TOOL ARGUMENTS]…       (ARGUMENTS is a JSON object)
 *
 * Needs the Node of the npm scripts (the Inspector wants 22.19) and fetches the Inspector once through npx.
 * The last line is `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The newest that was tried; its flags have changed between versions. */
const inspector = '@modelcontextprotocol/inspector@2.12.0';
const eras = ['legacy', 'modern', 'auto'];

const [url, ...pairs] = process.argv.slice(2);
if (url === undefined || pairs.length % 2 !== 0) {
  console.error('usage: node scripts/inspector.mjs URL [TOOL ARGUMENTS]…');
  process.exit(2);
}

// The Inspector remembers servers and logins below the home folder: not those of a test.
const home = mkdtempSync(join(tmpdir(), 'sluice-inspector-'));
const bin = fileURLToPath(new URL('../node_modules/.bin', import.meta.url));
const env = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH}`,
  MCP_CATALOG_PATH: join(home, 'mcp.json'),
  MCP_CLIENT_CONFIG_PATH: join(home, 'client.json'),
  npm_config_loglevel: 'error',
};

/** The result payload that the Inspector prints; throws with what it says when it fails. */
const ask = async (era, ...args) => {
  const child = spawn(
    'npx',
    ['-y', inspector, '--cli', url, '--protocol-era', era, '--format', 'json', '--quiet', ...args],
    { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 180_000 },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk) => (stderr += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr.trim() || stdout.trim()}`);
  const answer = JSON.parse(stdout);
  return answer.result ?? answer;
};

const checks = eras.flatMap((era) => [
  [
    `${era} tools/list`,
    async () => {
      const { tools } = await ask(era, '--method', 'tools/list');
      if (!(tools?.length > 0)) throw new Error('no tools');
      return `${tools.length} tools`;
    },
  ],
  ...pairs.flatMap((tool, index) => {
    if (index % 2 === 1) return [];
    return [
      [
        `${era} tools/call ${tool}`,
        async () => {
          const call = ['--method', 'tools/call', '--tool-name', tool, '--tool-args-json', pairs[index + 1]];
          const { content, isError } = await ask(era, ...call);
          if (isError === true || !(content?.length > 0)) throw new Error(JSON.stringify(content));
          return `${content.length} content block(s)`;
        },
      ],
    ];
  }),
]);

let failed = 0;
for (const [name, check] of checks) {
  try {
    console.log(`ok      ${name}: ${await check()}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}: ${error.message}`);
  }
}
rmSync(home, { recursive: true, force: true });
console.log(`${checks.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
