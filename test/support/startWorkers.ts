import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { filter, firstValueFrom, ReplaySubject, take, toArray } from 'rxjs';
import type { Health } from '../../src/gateway/health.js';
import { within } from './within.js';

type Line = Readonly<Record<string, unknown>>;

/** `sluice start --workers N` in processes of its own. */
export interface Workers {
  readonly port: number;
  readonly url: string;
  readonly adminUrl: string;
  readonly pid: number;
  health(): Promise<Health>;
  metrics(): Promise<string>;
  /** Process ids of the workers that live. */
  pids(): Promise<readonly number[]>;
  /** Writes another configuration into the file. */
  configure(yaml: string): Promise<void>;
  /** The log line number `nth` of an event, when it is there. */
  logged(event: string, nth?: number): Promise<Line>;
  /** How many lines of an event there are so far. */
  count(event: string): number;
  /** Sends a signal to the first process, or to all as a terminal does. */
  signal(name: NodeJS.Signals, whom?: 'first' | 'all'): void;
  /** Exit code and signal of the first process. */
  readonly ended: Promise<readonly [code: number | null, signal: NodeJS.Signals | null]>;
  close(): Promise<void>;
}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const startMs = 60_000;

/** The configuration: listeners on any port, and what is given. */
const whole = (yaml: string): string => `listen: { port: 0 }\nadmin: { port: 0 }\n${yaml}\n`;

/** Starts it and waits until it is ready. @param yaml the configuration but for its listeners */
export const startWorkers = async (yaml: string, count: number): Promise<Workers> => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-workers-test-'));
  const file = join(folder, 'gateway.yaml');
  await writeFile(file, whole(yaml));
  const args = ['--import', 'tsx', main, 'start', '-c', file, '--workers', String(count)];
  // A group of its own, that a signal can be sent to.
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const { pid = 0 } = child;
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const lines = new ReplaySubject<Line>();
  const seen: Line[] = [];
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    seen.push(line);
    lines.next(line);
  });
  let said = '';
  const ready = new Promise<RegExpExecArray>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      const found = /MCP endpoint\s+(\S+)\s+Health\s+(\S+)\/healthz/.exec(said);
      if (found !== null) resolve(found);
    });
    void ended.then(() =>
      reject(new Error(`it ended:\n${said}\n${seen.map((line) => JSON.stringify(line)).join('\n')}`)),
    );
  });
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null;
  const kill = (): void => {
    if (isAlive()) process.kill(-pid, 'SIGKILL');
  };
  const [, url = '', adminUrl = ''] = await within(startMs, 'the start of the workers', ready).catch(
    (error: unknown) => {
      kill();
      throw error;
    },
  );
  const health = async (): Promise<Health> => (await (await fetch(`${adminUrl}/healthz`)).json()) as Health;
  return {
    port: Number(new URL(url).port),
    url,
    adminUrl,
    pid,
    health,
    metrics: async () => (await fetch(`${adminUrl}/metrics`)).text(),
    pids: async () => ((await health()).workers?.each ?? []).flatMap((worker) => worker.pid ?? []),
    configure: (next) => writeFile(file, whole(next)),
    async logged(event, nth = 1) {
      const found = lines.pipe(
        filter((line) => line['event'] === event),
        take(nth),
        toArray(),
      );
      const all = await within(startMs, `log line ${nth} of ${event}`, firstValueFrom(found));
      return all[nth - 1] ?? {};
    },
    count: (event) => seen.filter((line) => line['event'] === event).length,
    signal: (name, whom = 'first') => void (whom === 'all' ? process.kill(-pid, name) : child.kill(name)),
    ended,
    async close() {
      if (isAlive()) child.kill('SIGTERM');
      await within(20_000, 'the end of the workers', ended).finally(kill);
      await rm(folder, { recursive: true, force: true });
    },
  };
};
