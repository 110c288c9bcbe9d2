import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { within } from './within.js';

/** `failing`: everything is answered with HTTP 500. `silent`: requests are accepted and never answered. */
export type Mood = 'well' | 'failing' | 'silent';

/** One of several instances, which a test may hurt and heal. */
export interface InstanceProcess {
  readonly url: string;
  be(mood: Mood): void;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** `kill -9`; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again at the same address. */
  restart(): Promise<void>;
}

const entry = fileURLToPath(new URL('instanceProcess.ts', import.meta.url));

/** @param file what the instance has done is written to, a line a call */
export const startInstance = async (file: string): Promise<InstanceProcess> => {
  const start = async (port: number): Promise<{ child: ChildProcess; port: number }> => {
    const child = fork(entry, [file, String(port)], { execArgv: ['--import', 'tsx'] });
    const [ready] = (await within(10_000, 'the start of the instance', once(child, 'message'))) as [
      { port: number },
    ];
    return { child, port: ready.port };
  };
  let running = await start(0);
  return {
    url: `http://127.0.0.1:${running.port}/mcp`,
    be: (mood) => void running.child.send(mood),
    signal: (name) => void running.child.kill(name),
    async kill() {
      const { child } = running;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
    async restart() {
      running = await start(running.port);
    },
  };
};
