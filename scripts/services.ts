/**
 * Services from the shell: `scripts/services NAME start|stop`, `scripts/services status`.
 *
 * A keeper process stays behind each service, started by the same modules that the tests use; `stop` ends it, and the service with
 * it.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { realms } from '../test/services/keycloak/realms.js';
import { serviceCache } from '../test/support/services/serviceCache.js';
import { startConsul } from '../test/support/services/startConsul.js';
import { startHaproxy } from '../test/support/services/startHaproxy.js';
import { startKeycloak } from '../test/support/services/startKeycloak.js';
import { startNsd } from '../test/support/services/startNsd.js';
import { startOpa } from '../test/support/services/startOpa.js';
import { startOtelCollector } from '../test/support/services/startOtelCollector.js';
import { startPrometheus } from '../test/support/services/startPrometheus.js';
import { startHazelcast } from '../test/support/services/startHazelcast.js';

interface Started {
  /** What its users have to know. */
  readonly about: Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

const services: Readonly<Record<string, () => Promise<Started>>> = {
  async consul() {
    const consul = await startConsul();
    return { about: { url: consul.url }, close: () => consul.close() };
  },
  async dns() {
    const nsd = await startNsd();
    return { about: { address: nsd.address, zone: nsd.zone, pid: nsd.pid }, close: () => nsd.close() };
  },
  async hazelcast() {
    const cluster = await startHazelcast({ members: Number(process.env['MEMBERS'] ?? 2) });
    const { clusterName, addresses } = cluster;
    return { about: { cluster_name: clusterName, addresses }, close: () => cluster.close() };
  },
  async opa() {
    const opa = await startOpa();
    return { about: { url: opa.url, pid: opa.pid }, close: () => opa.close() };
  },
  async haproxy() {
    const backends = (process.env['BACKENDS'] ?? '8080:8081').split(',').map((backend) => {
      const [port = NaN, adminPort = port] = backend.split(':').map(Number);
      return { port, adminPort };
    });
    const haproxy = await startHaproxy(backends);
    return { about: { url: haproxy.url }, close: () => haproxy.close() };
  },
  async otel() {
    const collector = await startOtelCollector(process.env['FORWARD_TO'] ?? 'http://127.0.0.1:4319');
    return { about: { url: collector.url, pid: collector.pid }, close: () => collector.close() };
  },
  async prometheus() {
    const prometheus = await startPrometheus((process.env['TARGETS'] ?? '127.0.0.1:8081').split(','), [
      resolve('deploy/prometheus/rules.yml'),
    ]);
    return { about: { url: prometheus.url, pid: prometheus.pid }, close: () => prometheus.close() };
  },
  async keycloak() {
    const words = { SLUICE_URL: process.env['SLUICE_URL'] ?? 'http://127.0.0.1:8080' };
    const keycloak = await startKeycloak({ realms, words });
    const { url, administrator } = keycloak;
    return {
      about: { url, issuer: keycloak.issuer('sluice'), ...administrator },
      close: () => keycloak.close(),
    };
  },
};

interface Note {
  readonly pid: number;
  readonly about: Readonly<Record<string, unknown>>;
}

const usage = `Usage: scripts/services ${Object.keys(services).join('|')} start|stop, or scripts/services status`;

/** Runs in the keeper: starts the service, tells its parent, and waits for the end. */
const keep = async (start: () => Promise<Started>): Promise<void> => {
  const started = await start();
  process.send?.(started.about);
  process.disconnect();
  // Something has to keep it alive besides the service's process, which may be stopped by a test.
  const alive = setInterval(() => undefined, 60_000);
  await Promise.race(['SIGTERM', 'SIGINT'].map((signal) => once(process, signal)));
  clearInterval(alive);
  await started.close();
};

const notes = await serviceCache('run');
const fileOf = (name: string): string => join(notes, `${name}.json`);

const noteOf = async (name: string): Promise<Note | undefined> => {
  try {
    const note = JSON.parse(await readFile(fileOf(name), 'utf8')) as Note;
    process.kill(note.pid, 0);
    return note;
  } catch {
    return undefined; // Never started, or gone since.
  }
};

const start = async (name: string): Promise<void> => {
  const running = await noteOf(name);
  if (running !== undefined) return console.log(JSON.stringify({ service: name, ...running.about }));
  const keeper = fork(fileURLToPath(import.meta.url), [name, 'keep'], {
    detached: true,
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const failed = once(keeper, 'exit').then(() => {
    throw new Error(`${name} did not start`);
  });
  const [about] = (await Promise.race([once(keeper, 'message'), failed])) as [Note['about']];
  failed.catch(() => undefined);
  await writeFile(fileOf(name), JSON.stringify({ pid: keeper.pid, about }));
  console.log(JSON.stringify({ service: name, ...about }));
  keeper.disconnect();
  keeper.unref();
};

const stop = async (name: string): Promise<void> => {
  const note = await noteOf(name);
  if (note !== undefined) process.kill(note.pid, 'SIGTERM');
  await rm(fileOf(name), { force: true });
  console.log(note === undefined ? `${name} does not run` : `${name} is stopped`);
};

const status = async (): Promise<void> => {
  for (const file of await readdir(notes)) {
    const name = file.replace(/\.json$/, '');
    const note = await noteOf(name);
    if (note !== undefined) console.log(JSON.stringify({ service: name, ...note.about }));
  }
};

const [name = '', action = ''] = process.argv.slice(2);
const service = Object.hasOwn(services, name) ? services[name] : undefined;
if (name === 'status') await status();
else if (service === undefined || !['start', 'stop', 'keep'].includes(action)) {
  console.error(usage);
  process.exitCode = 2;
} else if (action === 'keep') await keep(service);
else if (action === 'start') await start(name);
else await stop(name);
