import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { eventually } from '../eventually.js';
import { freePorts } from './freePorts.js';
import { installed } from './installed.js';
import { serviceProcess } from './serviceProcess.js';

/** A server behind HAProxy, on loopback. */
export interface HaproxyBackend {
  readonly port: number;
  /** Where `/readyz` says whether it can take requests; its own port by default. */
  readonly adminPort?: number;
}

/** A real HAProxy on loopback, in front of some servers: each request goes to the next, no client is kept at one. */
export interface Haproxy {
  readonly port: number;
  readonly url: string;
  readonly pid: number;
  /** Resolves when it holds exactly so many servers for ready. */
  standing(servers: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts the HAProxy that is installed (Debian's package will do). */
export const startHaproxy = async (backends: readonly HaproxyBackend[]): Promise<Haproxy> => {
  const program = await installed('HAProxy', ['haproxy'], 'apt-get install haproxy');
  const folder = await mkdtemp(join(tmpdir(), 'sluice-haproxy-'));
  const [port = 0] = await freePorts(1);
  const config = join(folder, 'haproxy.cfg');
  const socket = join(folder, 'stats.sock');
  await writeFile(config, configOf(port, socket, backends));
  const running = await serviceProcess({
    name: 'HAProxy',
    program,
    args: ['-db', '-f', config],
    logFile: join(folder, 'haproxy.log'),
    isReady: () => serversUp(socket).then((up) => up >= 0),
    readyMs: 10_000,
  });
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    pid: running.pid,
    standing: (servers) =>
      eventually(20_000, `${servers} servers being ready`, async () => (await serversUp(socket)) === servers),
    async close() {
      await running.signal('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** Times and streams as in deploy/kubernetes/haproxy.cfg. */
const configOf = (port: number, socket: string, backends: readonly HaproxyBackend[]): string => `
global
  maxconn 8000
  stats socket ${socket} level user
defaults
  mode http
  option http-no-delay
  timeout connect 2s
  timeout check 2s
  timeout http-request 30s
  timeout http-keep-alive 65s
  timeout client 60s
  timeout server 60s
  timeout client-fin 5s
  timeout tunnel 60s
frontend clients
  bind 127.0.0.1:${port}
  default_backend gateways
backend gateways
  balance roundrobin
  # Never a call twice: only a connection that was refused is tried again, with another.
  retries 2
  retry-on conn-failure
  option redispatch 1
  option httpchk
  http-check send meth GET uri /readyz hdr host 127.0.0.1
  http-check expect status 200
  default-server check inter 250ms fall 2 rise 1
${backends
  .map((one, index) => `  server s${index} 127.0.0.1:${one.port} port ${one.adminPort ?? one.port}`)
  .join('\n')}
`;

/** How many servers it sends requests to; -1 before it can tell. */
const serversUp = async (socket: string): Promise<number> => {
  try {
    const connection = connect(socket);
    connection.end('show stat\n');
    const lines = (await text(connection)).split('\n');
    return lines.filter((line) => /^gateways,s\d/.test(line) && line.includes(',UP')).length;
  } catch {
    return -1; // Not listening yet.
  }
};
