import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { eventually } from '../eventually.js';
import { within } from '../within.js';

export interface ServiceProcessOptions {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** What it has in its environment besides. */
  readonly env?: Readonly<Record<string, string>>;
  /** Takes what it writes. */
  readonly logFile: string;
  /** Whether it can be used; asked again and again until it says so. Given what has been logged since the start. */
  readonly isReady: (log: string) => boolean | Promise<boolean>;
  readonly readyMs: number;
}

/** A service in a process of its own. */
export interface ServiceProcess {
  readonly pid: number;
  /** Sends a signal and, where it ends the process, resolves when that has happened. */
  signal(name: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
}

/** What still runs when this process ends, by whatever way, ends with it. */
const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Starts a program and waits until it is ready; what it logged is in the error if it never is. */
export const serviceProcess = async (options: ServiceProcessOptions): Promise<ServiceProcess> => {
  const { name, program, args, env, logFile, isReady, readyMs } = options;
  const log = openSync(logFile, 'w');
  const child = spawn(program, args, { stdio: ['ignore', log, log], env: { ...process.env, ...env } });
  closeSync(log);
  running.add(child);
  const exited = once(child, 'exit').finally(() => running.delete(child));
  // Whoever waits below hears of it; nobody need wait.
  exited.catch(() => undefined);
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  try {
    await once(child, 'spawn');
    await eventually(readyMs, `${name} being ready`, async () => {
      if (isOver()) throw new Error(`${name} ended at once`);
      return isReady(await readFile(logFile, 'utf8'));
    });
  } catch (error) {
    child.kill('SIGKILL');
    const logged = (await readFile(logFile, 'utf8')).slice(-2000);
    throw new Error(`${name} did not start: ${String(error)}\n${logged}`, { cause: error });
  }
  return {
    pid: child.pid ?? 0,
    async signal(signal) {
      if (isOver()) return;
      child.kill(signal);
      if (signal === 'SIGKILL' || signal === 'SIGTERM') await within(20_000, `the end of ${name}`, exited);
    },
  };
};
