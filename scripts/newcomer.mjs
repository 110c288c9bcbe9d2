/**
 * A newcomer's path: the package as it would be published, installed in an empty project; the README's chain by copy and paste; the
 * recording of examples/ replayed against it.
 *
 *   node scripts/newcomer.mjs        after a build; the last line is `N passed, N failed`
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sluice-newcomer-'));
const children = [];
let passed = 0;
let failed = 0;

const check = async (name, work) => {
  if (failed > 0) return;
  try {
    await work();
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}: ${error.message}`);
  }
};

const run = (command, args, cwd = folder) => {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: 180_000,
    env: {
      ...process.env,
      npm_config_loglevel: 'error',
      npm_config_audit: 'false',
      npm_config_fund: 'false',
    },
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
  return stdout;
};

/** Starts a program in the project and waits for a line that matches. */
const start = async (args, pattern, env = {}) => {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  // The banner of the gateway is on stderr, the address of the service on stdout.
  const [said, other] = args[0] === sluice ? [child.stderr, child.stdout] : [child.stdout, child.stderr];
  other.resume();
  for await (const line of createInterface({ input: said })) {
    const found = pattern.exec(line);
    if (found !== null) {
      said.resume();
      return found[0];
    }
  }
  throw new Error(`${args.join(' ')} ended before it said ${pattern}`);
};

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
};

/** A code block of the README by its language and its first line. */
const block = (language, first) => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, of, text]) => ({ of, text }));
  const found = blocks.find(
    ({ of, text }) =>
      of === language &&
      text.startsWith(first) &&
      (first !== '# gateway.yaml\n' || text.includes('pipeline:')),
  );
  if (found === undefined) throw new Error(`The README has no ${language} block that begins with ${first}`);
  return found.text;
};

const sluice = join(folder, 'node_modules/sluice/dist/main.js');
let url = '';

await check('npm pack, npm install in an empty project', () => {
  run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], root);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  run('npm', ['install', `./sluice-${version}.tgz`]);
});
await check('the types of the package hold, and the wrong order does not compile', () => {
  copyFileSync(join(root, 'test/types/library.test-d.ts'), join(folder, 'library.test-d.ts'));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const flags = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--types',
    'node',
    '--typeRoots',
    join(root, 'node_modules/@types'),
  ];
  run(process.execPath, [tsc, ...flags, 'library.test-d.ts']);
});
await check("the README's chain passes sluice check", () => {
  mkdirSync(join(folder, 'examples'));
  copyFileSync(join(root, 'examples/replay/gateway.yaml'), join(folder, 'gateway.yaml'));
  copyFileSync(join(root, 'examples/replay/orders.ndjson'), join(folder, 'orders.ndjson'));
  appendFileSync(join(folder, 'gateway.yaml'), block('yaml', '# gateway.yaml\n'));
  writeFileSync(join(folder, 'my-chain.mjs'), block('js', '// my-chain.mjs\n'));
  const said = run(process.execPath, [sluice, 'check']);
  if (/left out/.test(said)) throw new Error(said);
});
await check('it starts', async () => {
  const orders = await start([join(root, 'examples/quickstart/orders.mjs')], /http:\S+/, { PORT: '0' });
  const port = await freePort();
  await start([sluice, 'start', '-p', String(port), '--admin-port', '0'], /MCP endpoint/, {
    ORDERS_URL: orders,
  });
  url = `http://127.0.0.1:${port}/mcp`;
});
await check('the recording of examples/ replays against it: every answer matches', () => {
  console.log(run(process.execPath, [sluice, 'replay', 'orders.ndjson', '--to', url, '--rate', 'max']));
});

for (const child of children) child.kill('SIGTERM');
await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
