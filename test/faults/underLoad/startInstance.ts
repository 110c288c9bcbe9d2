import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { within } from '../../support/within.js';
import type { BackendKind } from './backend.js';

/** `failing`: everything is answered with HTTP 500. `silent`: requests are accepted and never answered. */
export type Mood = 'well' | 'failing' | 'silent';

/** One of several instances, which a test may hurt and heal. */
export interface Instance {
  readonly port: number;
  /** What it has done so far, a line a call. */
  done(): readonly string[];
  /** Resolves when it has done another piece of work. */
  called(): Promise<void>;
  be(mood: Mood): void;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** Ends it, at once or when it has finished what it does; resolves when it is gone. */
  end(name: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Starts it again at the same address. */
  restart(): Promise<void>;
}

const entry = fileURLToPath(new URL('instanceProcess.ts', import.meta.url));

/** @param file what the instance has done is written to, a line a call */
export const startInstance = async (kind: BackendKind, file: string): Promise<Instance> => {
  const start = async (port: number): Promise<{ child: ChildProcess; port: number }> => {
    const child = fork(entry, [kind, file, String(port)], { execArgv: ['--import', 'tsx'] });
    const [ready] = (await within(20_000, 'the start of the instance', once(child, 'message'))) as [
      { port: number },
    ];
    return { child, port: ready.port };
  };
  writeFileSync(file, '');
  let running = await start(0);
  return {
    port: running.port,
    done: () => readFileSync(file, 'utf8').split('\n').filter(Boolean),
    async called() {
      const { child } = running;
      const called = once(child, 'message');
      child.send('tell');
      await within(10_000, 'a call of the instance', called);
    },
    be: (mood) => void running.child.send(mood),
    signal: (name) => void running.child.kill(name),
    async end(name) {
      const { child } = running;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill(name);
      await within(10_000, 'the end of the instance', exited);
    },
    async restart() {
      running = await start(running.port);
    },
  };
};
