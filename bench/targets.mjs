/** Starts the processes of a run, each on its core, and stops them. */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './temporaryFolder.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Whether processes can be bound to a core; without it the cells compete for cores and mean less. */
export const canPin = spawnSync('taskset', ['-c', '1', 'true']).status === 0;

/** The core of whatever is measured, and the one of everything around it. */
const cores = { target: '0', rest: '1', all: '0,1' };

/** A command that is bound to a core, where that can be done. */
export const pinned = (core, command) => (canPin ? ['taskset', '-c', cores[core], ...command] : command);

/** The same server over standard input and output; on the core of all backends, whoever starts it. */
export const stdioServer = pinned('rest', [process.execPath, here('stdioBackend.mjs')]);

// This process asks, too, in some parts: it has no business on the core of what is measured.
if (canPin) spawnSync('taskset', ['-cp', '1', String(process.pid)]);

const live = new Set();

/**
 * Starts a program on its core; it is ended with all others.
 *
 * @param {'target' | 'rest' | 'all'} core
 * @param {string[]} command
 */
export const launchProgram = (core, command, options) => {
  const [file, ...rest] = pinned(core, command);
  // taskset becomes the program it starts, so the pid is the program's.
  const child = spawn(file, rest, options);
  live.add(child);
  child.once('exit', () => live.delete(child));
  return child;
};

const launch = (core, args, options) => launchProgram(core, [process.execPath, ...args], options);

const ended = (child) =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('exit', resolve));

// A runner that is interrupted leaves nothing behind.
process.once('exit', () => {
  for (const child of live) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

/** Ends every process that was started here. */
export const stopAll = async () => {
  const children = [...live];
  for (const child of children) child.kill();
  await Promise.all(children.map(ended));
};

const withIpc = { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] };

const firstMessage = (child, what) =>
  new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${what} ended with ${code} before it listened`)));
  });

/** @returns {Promise<{ port: number, pid: number }>} */
export const startBackend = async (tools = 1) => {
  const child = launch('rest', [here('backend.mjs'), String(tools)], withIpc);
  const { port } = await firstMessage(child, 'the backend');
  return { port, pid: child.pid };
};

/** @returns {Promise<{ port: number, change(mark: string): Promise<number> }>} `change` gives when it happened (now.mjs) */
export const startLivelyBackend = async (tools = 1) => {
  const child = launch('rest', [here('livelyBackend.mjs'), String(tools)], withIpc);
  const { port } = await firstMessage(child, 'the lively backend');
  return {
    port,
    async change(mark) {
      const changed = new Promise((resolve) => child.once('message', resolve));
      child.send({ change: mark });
      return (await changed).changedAt;
    },
  };
};

/** @returns {Promise<{ port: number, pid: number }>} */
export const startBareProxy = async (backendPort, nodeArgs = []) => {
  const child = launch(
    'target',
    [...nodeArgs, here('bareProxy.mjs'), `http://127.0.0.1:${backendPort}`],
    withIpc,
  );
  const { port } = await firstMessage(child, 'the bare proxy');
  return { port, pid: child.pid };
};

/** @returns {Promise<{ port: number, pid: number, child: import('node:child_process').ChildProcess }>} */
export const startBareStreams = async (nodeArgs = []) => {
  const child = launch('target', [...nodeArgs, here('bareStreams.mjs')], withIpc);
  const { port } = await firstMessage(child, 'the bare server');
  return { port, pid: child.pid, child };
};

/** @returns {{ run(cell: object): Promise<object> }} */
export const startLoad = () => {
  // Latencies are many.
  const child = launch('rest', [here('load.mjs')], { ...withIpc, serialization: 'advanced' });
  return {
    run: (cell) =>
      new Promise((resolve, reject) => {
        const lost = () => reject(new Error('the load generator ended'));
        child.once('exit', lost);
        child.once('message', ({ result, error }) => {
          child.off('exit', lost);
          if (error === undefined) resolve(result);
          else reject(new Error(`${cell.workload} at ${cell.concurrency}: ${error}`));
        });
        child.send(cell);
      }),
  };
};

/** A port nobody listens on at the moment. */
export const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/** What somebody would write who puts Sluice in front of this backend: nothing is tuned and nothing is switched off. */
const configuration = (port, adminPort, backendPort, server) => `
listen: { port: ${port} }
admin: { port: ${adminPort} }
servers:
  bench: ${JSON.stringify(server)}
  items:
    type: rest
    url: http://127.0.0.1:${backendPort}
    tools:
      get:
        description: An item by its name
        method: GET
        path: /items/{text}
        input_schema:
          type: object
          properties: { text: { type: string }, count: { type: integer } }
          required: [text]
`;

const isReady = (adminPort) =>
  fetch(`http://127.0.0.1:${adminPort}/readyz`).then(
    (response) => response.ok,
    () => false,
  );

/**
 * Starts Sluice as it is shipped: default log level, log lines into a file.
 *
 * @returns {Promise<{ port: number, pid: number, child: import('node:child_process').ChildProcess }>}
 */
export const startSluice = (...how) =>
  started(...how).catch((error) => {
    // A port that was free may be somebody's by now.
    if (!/another program listens/.test(error.message)) throw error;
    return started(...how);
  });

/** Starts it and does not wait. @returns {Promise<{ port: number, adminPort: number, child: object, output: string }>} */
export const spawnSluice = async (
  backendPort,
  nodeArgs = [],
  { workers = 1, core = 'target', more = '', server = { url: `http://127.0.0.1:${backendPort}/mcp` } } = {},
) => {
  const folder = temporaryFolder();
  // Both at once: one after the other may be the same.
  const [port, adminPort] = await Promise.all([freePort(), freePort()]);
  const file = join(folder, 'gateway.yaml');
  const output = join(folder, 'output.log');
  writeFileSync(file, configuration(port, adminPort, backendPort, server) + more);
  const log = openSync(output, 'w');
  const args = ['start', '-c', file, '--workers', String(workers)];
  const child = launch(core, [...nodeArgs, here('../dist/main.js'), ...args], {
    // What is loaded into it to measure it answers over IPC.
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  return { port, adminPort, child, output };
};

const started = async (...how) => {
  const { port, adminPort, child, output } = await spawnSluice(...how);
  const giveUpAt = Date.now() + 60_000;
  while (!(await isReady(adminPort))) {
    if (child.exitCode !== null || Date.now() > giveUpAt)
      throw new Error(`Sluice did not get ready:\n${readFileSync(output, 'utf8').slice(-2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { port, pid: child.pid, child };
};
