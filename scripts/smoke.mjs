/**
 * Starts the quickstart as a user would (`npm start`) and uses it as its banner says: the curl it prints, the official
 * clients of both SDK generations, the Inspector. Then SIGTERM: all of it has to end.
 *
 *   node scripts/smoke.mjs [FOLDER]        FOLDER: a checkout with its dependencies installed; default this one
 *
 * The last line is `N passed, N failed`.
 */
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const folder = resolve(process.argv[2] ?? fileURLToPath(new URL('../', import.meta.url)));
const patienceMs = 120_000;

/** One tool of each kind of server: REST, MCP over HTTP, child process. */
const calls = [
  ['orders_get', { id: '1001' }, /Ada Lovelace/],
  ['everything_echo', { message: 'through the gate' }, /through the gate/],
  ['files_read_text_file', { path: 'welcome.txt' }, /./],
];

let passed = 0;
let failed = 0;
const check = async (name, run) => {
  const started = Date.now();
  try {
    await run();
    passed += 1;
    console.log(`ok      ${name} (${Date.now() - started} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}: ${error.message}`);
  }
};

// Any free port: a machine that runs this may have 8080 taken. Detached, so that the signal below is ours alone.
const program = spawn('npm', ['start'], {
  cwd: folder,
  env: { ...process.env, PORT: '0', ADMIN_PORT: '0', npm_config_loglevel: 'error' },
  stdio: ['ignore', 'pipe', 'pipe'],
  detached: true,
});
const exited = once(program, 'exit');
let printed = '';
for (const stream of [program.stdout, program.stderr])
  stream.setEncoding('utf8').on('data', (chunk) => (printed = (printed + chunk).slice(-200_000)));
process.on('exit', () => {
  if (program.exitCode === null && program.signalCode === null) process.kill(-program.pid, 'SIGKILL');
});

const waitFor = async (pattern) => {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const match = pattern.exec(printed);
    if (match !== null) return match;
    if (program.exitCode !== null || Date.now() > deadline)
      throw new Error(`npm start did not print ${pattern}:\n${printed.slice(-4000)}`);
    await delay(50);
  }
};

const listens = async () => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false; // refused: gone
  } finally {
    socket.destroy();
  }
};

const useClient = (client, transport) => async () => {
  await client.connect(transport);
  try {
    const { tools } = await client.listTools();
    for (const [name, args, expected] of calls) {
      assert(
        tools.some((tool) => tool.name === name),
        `no tool ${name} among ${tools.map((tool) => tool.name).join(', ')}`,
      );
      const { content, isError } = await client.callTool({ name, arguments: args });
      assert(isError !== true, `${name}: ${JSON.stringify(content)}`);
      assert.match(JSON.stringify(content), expected, name);
    }
  } finally {
    await client.close();
  }
};

/** Runs the command line against the quickstart: what it prints, and when each line came. */
const sluice = async (...args) => {
  const main = resolve(folder, 'dist/main.js');
  const child = spawn(process.execPath, [main, ...args, '--url', url], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk) => (stderr += chunk));
  const closed = once(child, 'close');
  const lines = [];
  for await (const text of createInterface({ input: child.stdout }))
    lines.push({ text, at: performance.now() });
  const [code] = await closed;
  assert.equal(code, 0, `sluice ${args.join(' ')}: ${stderr}`);
  return { lines, text: lines.map(({ text }) => text).join('\n') };
};

const implementation = { name: 'smoke', version: '1.0.0' };
let url;
await check('npm start gets ready and prints its endpoint', async () => {
  [, url] = await waitFor(/MCP endpoint\s+(http:\/\/\S+)/);
});
if (url !== undefined) {
  await check('the curl it prints works', async () => {
    const [, command] = await waitFor(/(^ *curl (?:.*\\\n)*.*\n)/m);
    const { status, stdout, stderr } = spawnSync('bash', ['-c', command], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /"result"/);
  });
  await check(
    'official client v1 (2025-11-25)',
    useClient(new ClientV1(implementation), new TransportV1(new URL(url))),
  );
  for (const [name, mode] of [
    ['auto', 'auto'],
    ['pinned', { pin: '2026-07-28' }],
  ])
    await check(
      `official client v2 (2026-07-28, ${name})`,
      useClient(
        new ClientV2(implementation, { versionNegotiation: { mode } }),
        new TransportV2(new URL(url)),
      ),
    );
  await check('sluice tools, sluice call', async () => {
    assert.match((await sluice('tools')).text, /^orders_get /m);
    for (const [name, args, expected] of calls)
      assert.match((await sluice('call', name, JSON.stringify(args))).text, expected, name);
  });
  await check('sluice call orders_export: the first row comes long before the result', async () => {
    const { lines } = await sluice('call', 'orders_export', '--json');
    const [first, last] = [lines[0], lines.at(-1)];
    assert.match(first.text, /"type":"progress"/);
    assert.match(last.text, /"type":"result"/);
    // Eight rows, 200 ms apart.
    assert(last.at - first.at > 1000, `only ${Math.round(last.at - first.at)} ms apart`);
  });
  await check('MCP Inspector, command line', () => {
    const script = fileURLToPath(new URL('inspector.mjs', import.meta.url));
    const args = calls.flatMap(([name, values]) => [name, JSON.stringify(values)]);
    const { status, stdout } = spawnSync(process.execPath, [script, url, ...args], { encoding: 'utf8' });
    console.log(stdout.replaceAll(/^/gm, '        ').trimEnd());
    assert.equal(status, 0);
  });
}
await check('SIGTERM ends all of it', async () => {
  process.kill(-program.pid, 'SIGTERM');
  const ended = await Promise.race([exited, delay(30_000, undefined, { ref: false })]);
  assert(ended !== undefined, `still running after 30 s:\n${printed.slice(-2000)}`);
  if (url === undefined) return;
  // npm may be gone before the gateway is: what counts is that nobody listens any more.
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await delay(100))
    if (!(await listens())) return;
  assert.fail('the endpoint still accepts connections after 30 s');
});
if (failed > 0) console.log(printed.slice(-8000));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
