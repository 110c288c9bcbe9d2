import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { promises } from 'node:dns';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../eventually.js';
import { debianPackage } from './debianPackage.js';
import { freePorts } from './freePorts.js';
import { serviceProcess, type ServiceProcess } from './serviceProcess.js';

/** A real DNS server (NSD) on loopback, in charge of the zone `test`. */
export interface Nsd {
  /** What resolvers are told: `127.0.0.1:port`. */
  readonly address: string;
  /** Reads the zone again at SIGHUP. */
  readonly pid: number;
  /** The file with the zone. */
  readonly zone: string;
  /** Writes the zone anew and resolves when the server gives it. Lines as in a zone file, names relative to `test`. */
  publish(...records: readonly string[]): Promise<void>;
  /** Ends the server; its zone stays. Nobody listens any more. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Holds the server, so that it takes questions and gives no answer, and lets it go on. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Restarts the server without its zone: it answers SERVFAIL until something is published. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

/** Fetches NSD if it is not here yet and starts it with an empty zone. */
export const startNsd = async (): Promise<Nsd> => {
  const { program, env } = await debianPackage('nsd', 'usr/sbin/nsd');
  const folder = await mkdtemp(join(tmpdir(), 'sluice-nsd-'));
  const [port = 0] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const [config, zone] = [join(folder, 'nsd.conf'), join(folder, 'test.zone')];
  await writeFile(config, configuration(folder, port, zone));
  let serial = 0;
  const write = (records: readonly string[]): Promise<void> =>
    writeFile(
      zone,
      [
        '$ORIGIN test.',
        '$TTL 1',
        `@ SOA ns hostmaster ${++serial} 60 60 60 1`,
        '@ NS ns',
        'ns A 127.0.0.1',
        ...records,
        '',
      ].join('\n'),
    );
  const resolver = new promises.Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([address]);
  /** What it answers for its own zone: the serial, or the code of an error. */
  const answer = (): Promise<number | string> =>
    resolver.resolveSoa('test').then(
      (soa) => soa.serial,
      (error: unknown) => String((error as { code?: unknown }).code),
    );
  const start = (wanted: () => number | string): Promise<ServiceProcess> =>
    serviceProcess({
      name: 'NSD',
      program,
      args: ['-d', '-c', config],
      env,
      logFile: join(folder, 'nsd.log'),
      isReady: async () => (await answer()) === wanted(),
      readyMs: 20_000,
    });
  await write([]);
  let server = await start(() => serial);
  return {
    address,
    zone,
    get pid() {
      return server.pid;
    },
    async publish(...records) {
      await write(records);
      process.kill(server.pid, 'SIGHUP');
      await eventually(10_000, 'the new zone being served', async () => (await answer()) === serial);
    },
    stop: () => server.signal('SIGTERM'),
    async start() {
      server = await start(() => serial);
    },
    freeze: () => signalTree(server.pid, 'SIGSTOP'),
    thaw: () => signalTree(server.pid, 'SIGCONT'),
    async forget() {
      await server.signal('SIGTERM');
      await rm(zone);
      server = await start(() => 'ESERVFAIL');
    },
    async close() {
      resolver.cancel();
      await signalTree(server.pid, 'SIGCONT');
      await server.signal('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** As whoever starts it, in the foreground, in a folder of its own, without limits on how often one asks. */
const configuration = (folder: string, port: number, zone: string): string => `server:
  ip-address: 127.0.0.1
  port: ${port}
  username: ""
  chroot: ""
  database: ""
  zonesdir: "${folder}"
  pidfile: "${folder}/nsd.pid"
  xfrdfile: "${folder}/xfrd.state"
  zonelistfile: "${folder}/zone.list"
  xfrdir: "${folder}"
  cookie-secret-file: "${folder}/cookies"
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: test
  zonefile: "${zone}"
`;

/** NSD answers in children of the process that was started. */
const signalTree = async (pid: number, signal: NodeJS.Signals): Promise<void> => {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  for (const child of children.split(' ').filter((id) => id !== '')) await signalTree(Number(child), signal);
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself, which is as good.
  }
};
