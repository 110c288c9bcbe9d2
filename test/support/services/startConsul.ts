import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianPackage } from './debianPackage.js';
import { freePorts } from './freePorts.js';
import { serviceProcess, type ServiceProcess } from './serviceProcess.js';

export interface ConsulOptions {
  readonly datacenter?: string;
  /** Another datacenter's agent to be joined with. */
  readonly joins?: Consul;
  /** Turns access control on; this is the token that may do everything, and without one nothing may be done. */
  readonly token?: string;
  /** Serves HTTPS only, and asks for a client's certificate by the same authority. Files in PEM. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
}

/** A real Consul agent, a server of its own datacenter, on loopback. */
export interface Consul {
  readonly url: string;
  /** Where other datacenters reach it. */
  readonly wanAddress: string;
  readonly pid: number;
  /** Stops the agent; its data stay. */
  stop(): Promise<void>;
  /** Starts a stopped agent again, at the same address. */
  start(): Promise<void>;
  restart(): Promise<void>;
  /** Restarts the agent without any of its data. */
  wipe(): Promise<void>;
  close(): Promise<void>;
}

/** Fetches Consul if it is not here yet, starts an agent and waits until it has a leader and knows itself. */
export const startConsul = async (options: ConsulOptions = {}): Promise<Consul> => {
  const { datacenter = 'dc1', joins, token, tls } = options;
  const { program } = await debianPackage('consul', 'usr/bin/consul');
  const folder = await mkdtemp(join(tmpdir(), 'sluice-consul-'));
  const [http = 0, rpc = 0, lan = 0, wan = 0] = await freePorts(4);
  const config = join(folder, 'agent.json');
  await writeFile(
    config,
    JSON.stringify({
      server: true,
      bootstrap_expect: 1,
      datacenter,
      primary_datacenter: datacenter,
      data_dir: join(folder, 'data'),
      bind_addr: '127.0.0.1',
      client_addr: '127.0.0.1',
      ports: {
        [tls === undefined ? 'http' : 'https']: http,
        [tls === undefined ? 'https' : 'http']: -1,
        dns: -1,
        grpc: -1,
        server: rpc,
        serf_lan: lan,
        serf_wan: wan,
      },
      // A lone server need not wait long for votes.
      performance: { raft_multiplier: 1 },
      disable_update_check: true,
      // Readiness is read from the log where asking takes a certificate.
      log_level: tls === undefined ? 'WARN' : 'INFO',
      ...(joins !== undefined && { retry_join_wan: [joins.wanAddress] }),
      ...(token !== undefined && {
        acl: { enabled: true, default_policy: 'deny', tokens: { master: token, agent: token } },
      }),
      ...(tls !== undefined && {
        ca_file: tls.ca,
        cert_file: tls.cert,
        key_file: tls.key,
        verify_incoming_https: true,
      }),
    }),
  );
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${http}`;
  const start = (): Promise<ServiceProcess> =>
    serviceProcess({
      name: 'Consul',
      program,
      args: ['agent', `-config-file=${config}`],
      logFile: join(folder, 'agent.log'),
      // Who serves HTTPS asks for certificates: its log has to do.
      isReady: tls === undefined ? () => knowsItself(url, token) : (log) => /Synced node info/i.test(log),
      readyMs: 30_000,
    });
  let agent = await start();
  const stop = (): Promise<void> => agent.signal('SIGTERM');
  return {
    url,
    wanAddress: `127.0.0.1:${wan}`,
    get pid() {
      return agent.pid;
    },
    stop,
    async start() {
      agent = await start();
    },
    async restart() {
      await stop();
      agent = await start();
    },
    async wipe() {
      await stop();
      await rm(join(folder, 'data'), { recursive: true });
      agent = await start();
    },
    async close() {
      await agent.signal('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** There is a leader, and the agent has entered itself into the catalogue: what is registered from now on stays. */
const knowsItself = async (url: string, token: string | undefined): Promise<boolean> => {
  try {
    const response = await fetch(`${url}/v1/health/service/consul?passing`, {
      headers: token === undefined ? {} : { 'x-consul-token': token },
    });
    return response.ok && ((await response.json()) as unknown[]).length > 0;
  } catch {
    return false; // Not listening yet.
  }
};
