import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './freePorts.js';
import { fromMaven } from './fromMaven.js';
import { serviceCache } from './serviceCache.js';
import { serviceProcess, type ServiceProcess } from './serviceProcess.js';

/** The version of members; clients of 5.x speak to any 5.x. */
const version = '5.5.0';

export interface HazelcastOptions {
  /** How many members the cluster has. Default 1. */
  readonly members?: number;
  readonly clusterName?: string;
  /** Most memory of each member's heap, in MiB. Default 256. */
  readonly heapMb?: number;
}

/** A cluster of real Hazelcast members on loopback, without multicast. */
export interface Hazelcast {
  readonly clusterName: string;
  /** `host:port` of every member, of those that are down too. */
  readonly addresses: readonly string[];
  readonly pids: readonly number[];
  /** Ends a member as a crash does. */
  kill(member: number): Promise<void>;
  /** Holds a member, and lets it go on. */
  signal(member: number, name: 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Starts a member that was killed, at its address; resolves when it is in the cluster again, which then has `size` members (all). */
  start(member: number, size?: number): Promise<void>;
  close(): Promise<void>;
}

/** Fetches Hazelcast from Maven if it is not here yet, starts the members and waits until they are one cluster. */
export const startHazelcast = async (options: HazelcastOptions = {}): Promise<Hazelcast> => {
  const { members: count = 1, clusterName = 'sluice-test', heapMb = 256 } = options;
  const jar = await hazelcastJar();
  const folder = await mkdtemp(join(tmpdir(), 'sluice-hazelcast-'));
  const ports = await freePorts(count);
  const addresses = ports.map((port) => `127.0.0.1:${port}`);
  const members: ServiceProcess[] = [];
  const start = async (member: number, size: number): Promise<void> => {
    const config = join(folder, `member${member}.yaml`);
    await writeFile(config, memberConfig(clusterName, ports[member] ?? 0, addresses));
    members[member] = await serviceProcess({
      name: `Hazelcast member ${member}`,
      program: 'java',
      args: [
        '-Xms64m',
        `-Xmx${heapMb}m`,
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
        `-Dhazelcast.config=${config}`,
        '-cp',
        jar,
        'com.hazelcast.core.server.HazelcastMemberStarter',
      ],
      logFile: join(folder, `member${member}.log`),
      isReady: (log) => log.includes('is STARTED') && log.includes(`Members {size:${size}`),
      readyMs: 60_000,
    });
  };
  for (const member of ports.keys()) await start(member, member + 1);
  return {
    clusterName,
    addresses,
    get pids() {
      return members.map(({ pid }) => pid);
    },
    kill: async (member) => members[member]?.signal('SIGKILL'),
    signal: async (member, name) => members[member]?.signal(name),
    start: (member, size = count) => start(member, size),
    async close() {
      await Promise.all(members.map((member) => member.signal('SIGKILL')));
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const memberConfig = (clusterName: string, port: number, addresses: readonly string[]): string => `hazelcast:
  cluster-name: ${clusterName}
  properties:
    hazelcast.phone.home.enabled: "false"
    hazelcast.logging.type: jdk
    hazelcast.socket.bind.any: "false"
    hazelcast.heartbeat.interval.seconds: "1"
    hazelcast.max.no.heartbeat.seconds: "10"
  network:
    port: { port: ${port}, auto-increment: false }
    interfaces: { enabled: true, interfaces: ["127.0.0.1"] }
    join:
      auto-detection: { enabled: false }
      multicast: { enabled: false }
      tcp-ip:
        enabled: true
        member-list: [${addresses.join(', ')}]
`;

const hazelcastJar = async (): Promise<string> => {
  const folder = await serviceCache('hazelcast');
  const jar = join(folder, `hazelcast-${version}.jar`);
  try {
    await access(jar);
  } catch {
    await fromMaven('Hazelcast', 'copy', `com.hazelcast:hazelcast:${version}`, folder);
  }
  return jar;
};
