/**
 * Starts the quickstart: the orders service, the official "everything" server, and the gateway in front of them.
 *
 *   npm start                              on 127.0.0.1:8080, health on 8081
 *   npm start -- --port 9000 --admin-port 9001   flags go to `sluice start`
 *   PORT=9000 ADMIN_PORT=9001 npm start    the same; 0 takes any free port
 *
 * It ends when the gateway ends, with its exit code, and takes the two services along.
 */
import { fork } from 'node:child_process';
import { on, once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const here = new URL('./', import.meta.url);
const path = (relative) => fileURLToPath(new URL(relative, here));
const endWithParent = new URL('endWithParent.mjs', here).href;

const fail = (...lines) => {
  for (const line of lines) console.error(line);
  process.exit(1);
};

/** The port of a flag in the arguments, else of the environment, else the usual one; and whether the flag must be added. */
const portOf = (args, flags, names, usual) => {
  for (const [index, arg] of args.entries()) {
    const flag = flags.find((name) => arg === name || arg.startsWith(`${name}=`));
    if (flag !== undefined)
      return { port: Number(arg === flag ? args[index + 1] : arg.slice(flag.length + 1)), extra: [] };
  }
  const set = names.map((name) => process.env[name]).find((value) => value !== undefined && value !== '');
  return set === undefined ? { port: usual, extra: [] } : { port: Number(set), extra: [flags[0], set] };
};

/** Whether nobody listens on a port of this machine; for 0 it finds one that is free. */
const freePort = async (port) => {
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
    return probe.address().port;
  } catch {
    return undefined;
  } finally {
    probe.close();
  }
};

/** The official test server has a tool that shows its environment: nothing of ours that could be a secret is in it. */
const harmless = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'LANG', 'SystemRoot'];
const environment = Object.fromEntries(
  harmless.flatMap((name) => (name in process.env ? [[name, process.env[name]]] : [])),
);

const children = new Set();

/** Ctrl-C goes to the whole process group of a terminal: each child gets its own, so that only the gateway is told, by us. */
const start = (file, args, env, stdio) => {
  const child = fork(file, args, {
    env,
    execArgv: ['--import', endWithParent],
    detached: true,
    stdio: ['ignore', stdio, stdio, 'ipc'],
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
};

/** A service that is needed: it must say that it is ready, and what it said is shown if it ends unasked. */
const startService = async (name, file, args, env, ready) => {
  const child = start(file, args, { ...environment, ...env }, 'pipe');
  let said = '';
  const remember = (chunk) => (said = (said + chunk).slice(-4096));
  child.stdout.setEncoding('utf8').on('data', remember);
  child.stderr.setEncoding('utf8').on('data', remember);
  child.once('exit', (code, signal) => {
    if (stopping) return;
    console.error(`${name} has ended (${signal ?? `exit code ${code}`}). The last it said:\n${said}`);
  });
  const value = await Promise.race([ready(child), once(child, 'exit').then(() => undefined)]);
  if (value === undefined) process.exit(1);
  return value;
};

const stop = () => {
  stopping = true;
  for (const child of children) child.kill('SIGTERM');
};
let stopping = false;
process.on('exit', stop);

const args = process.argv.slice(2);
const gateway = portOf(args, ['--port', '-p'], ['SLUICE_PORT', 'PORT'], 8080);
const admin = portOf(args, ['--admin-port'], ['SLUICE_ADMIN_PORT', 'ADMIN_PORT'], 8081);
const main = path('../../dist/main.js');
for (const [what, { port }] of [
  ['the endpoint', gateway],
  ['health', admin],
])
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    fail(`The port of ${what} is no number from 0 to 65535.`, '  npm start -- --port 9000 --admin-port 9001');

if (!existsSync(main)) fail('The gateway has not been built yet.', '  npm start builds and starts it.');
const isHelp = args.some((arg) => arg === '--help' || arg === '-h' || arg === '--version');
if (!isHelp) {
  if (gateway.port !== 0 && (await freePort(gateway.port)) === undefined)
    fail(
      `Port ${gateway.port} is taken by another program, perhaps by a gateway that still runs.`,
      '  Choose another one:  PORT=9000 npm start',
      '  or:                  npm start -- --port 9000',
    );
  if (admin.port !== 0 && (await freePort(admin.port)) === undefined)
    fail(
      `Port ${admin.port}, for health, is taken by another program.`,
      '  Choose another one:  ADMIN_PORT=9001 npm start',
      '  or:                  npm start -- --admin-port 9001',
    );
}

const startOrders = () =>
  startService('The orders service', path('orders.mjs'), [], { PORT: '0' }, async (child) => {
    const [{ url }] = await once(child, 'message');
    return url;
  });

const startEverything = async () => {
  const file = createRequire(import.meta.url).resolve(
    '@modelcontextprotocol/server-everything/dist/index.js',
  );
  const port = String(await freePort(0));
  return startService('The everything server', file, ['streamableHttp'], { PORT: port }, async (child) => {
    for await (const [text] of on(child.stderr, 'data'))
      if (text.includes('listening on port')) return `http://127.0.0.1:${port}`;
    return undefined;
  });
};

const [ordersUrl, everythingUrl] = isHelp ? [] : await Promise.all([startOrders(), startEverything()]);
const sluice = start(
  main,
  ['start', '-c', path('gateway.yaml'), ...gateway.extra, ...admin.extra, ...args],
  { ...process.env, ORDERS_URL: ordersUrl, EVERYTHING_URL: everythingUrl },
  'inherit',
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    stopping = true;
    // Losing the terminal is a reason to end, too.
    sluice.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
  });
const [code] = await once(sluice, 'exit');
process.exit(code ?? 1);
