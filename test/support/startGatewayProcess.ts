import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { GatewayOverrides } from './gatewayOverrides.js';
import type { RunningGateway } from './startGateway.js';
import { within } from './within.js';

/** What a gateway process holds at the moment, after a garbage collection; bytes. */
export interface Measured {
  readonly rss: number;
  readonly heapUsed: number;
  /** Open TCP connections, of clients and towards backends. */
  readonly sockets: number;
  /** Live RxJS subscribers. */
  readonly subscribers: number;
}

/** A gateway in a process of its own, whose memory is then its own. */
export interface GatewayProcess extends Omit<RunningGateway, 'records$'> {
  measure(): Promise<Measured>;
  /** Stops it as it is, or lets it go on. */
  freeze(): void;
  thaw(): void;
  /** Ends it as a crash does, if it runs. */
  kill(): Promise<void>;
}

const entry = fileURLToPath(new URL('gatewayProcess.ts', import.meta.url));

/** Starts it; arguments as for `startGateway`, and what it has in its environment besides. */
export const startGatewayProcess = async (
  servers: string,
  overrides: GatewayOverrides = {},
  env: Readonly<Record<string, string>> = {},
): Promise<GatewayProcess> => {
  const child = fork(entry, [], {
    execArgv: ['--import', 'tsx', '--disable-warning=ExperimentalWarning'],
    env: { ...process.env, ...env },
  });
  const started = (await exchange(child, { servers, overrides })) as
    Pick<RunningGateway, 'port' | 'url' | 'adminUrl'> | { error: string };
  if ('error' in started) {
    child.kill();
    throw new Error(started.error);
  }
  return {
    port: started.port,
    url: started.url,
    adminUrl: started.adminUrl,
    configure: (next) => void child.send({ configure: next }),
    measure: async () => (await exchange(child, 'measure')) as Measured,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
    async close() {
      const exited = once(child, 'exit');
      child.send('close');
      await within(10_000, 'the end of the gateway process', exited).catch((error: unknown) => {
        child.kill('SIGKILL');
        throw error;
      });
    },
  };
};

const exchange = async (child: ChildProcess, message: object | string): Promise<unknown> => {
  const answered = once(child, 'message');
  child.send(message);
  const [answer] = (await within(20_000, 'an answer of the gateway process', answered)) as [unknown];
  return answer;
};
