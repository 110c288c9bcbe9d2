import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Log } from '../../streams/log.js';
import type { Question } from '../admin/asked.js';
import { isTold, type Order, type Reports, type Told } from './messages.js';

/** The process of a worker: a `ChildProcess` with a channel. */
export type WorkerProcess = Pick<ChildProcess, 'pid' | 'connected' | 'send' | 'kill' | 'on'>;

export interface CrewWorkerOptions {
  readonly number: number;
  readonly child: WorkerProcess;
  readonly log: Log;
  /** Milliseconds on any clock that does not jump. */
  readonly now: () => number;
  readonly heard: (told: Told) => void;
  readonly ended: (code: number | null, signal: NodeJS.Signals | null) => void;
}

/** Messages that may wait for a worker; one that leaves more unread is stuck, and ended. */
const maxUnsent = 20_000;
/** How long a report may take, in milliseconds: probes wait for a second. */
const reportMs = 800;

/** One worker, as the first process sees it. */
export class CrewWorker {
  readonly number: number;
  /** Id of the instance. */
  readonly instance = randomBytes(9).toString('base64url');
  state: 'starting' | 'listening' | 'ready' | 'leaving' = 'starting';
  readonly startedAt: number;
  /** The settings it began with. */
  begunWith: unknown;
  /** Pulses in a row that it has not answered. */
  missedPulses = 0;
  readonly #options: CrewWorkerOptions;
  readonly #reports = new Map<number, (report: Partial<Reports> | undefined) => void>();
  #reportCount = 0;
  #unsent = 0;
  #settings: { waiting?: unknown; underWay: boolean } = { underWay: false };

  constructor(options: CrewWorkerOptions) {
    const { number, child, now, heard, ended } = options;
    this.#options = options;
    this.number = number;
    this.startedAt = now();
    child.on('message', (message: unknown) => {
      if (!isTold(message)) return;
      this.missedPulses = 0;
      if ('report' in message) this.#reports.get(message.report)?.(message);
      else heard(message);
    });
    let isOver = false;
    const over = (code: number | null, signal: NodeJS.Signals | null): void => {
      if (isOver) return;
      isOver = true;
      for (const done of [...this.#reports.values()]) done(undefined);
      ended(code, signal);
    };
    child.on('exit', over);
    child.on('error', (error) => {
      options.log.error(
        { event: 'worker_failed', worker: number, err: error },
        'A worker can not be reached',
      );
      // Where there is no process there is no exit.
      if (child.pid === undefined) over(null, null);
      else child.kill('SIGKILL');
    });
  }

  get pid(): number | undefined {
    return this.#options.child.pid;
  }

  tell(order: Order): void {
    this.#send(order, () => undefined);
  }

  /** Hands it settings. While others are on their way to it only the newest wait. */
  configure(settings: unknown): void {
    if (this.#settings.underWay) {
      this.#settings.waiting = settings;
      return;
    }
    this.#settings = { underWay: true };
    this.#send({ settings }, () => {
      const { waiting } = this.#settings;
      this.#settings = { underWay: false };
      if (waiting !== undefined) this.configure(waiting);
    });
  }

  /** Asks it; undefined when it does not answer in time. */
  report<K extends keyof Reports>(
    of: K,
    { question, ms = reportMs }: { readonly question?: Question; readonly ms?: number } = {},
  ): Promise<Reports[K] | undefined> {
    return new Promise((resolve) => {
      const report = ++this.#reportCount;
      const done = (reports: Partial<Reports> | undefined): void => {
        clearTimeout(timer);
        this.#reports.delete(report);
        resolve(reports?.[of]);
      };
      const timer = setTimeout(() => done(undefined), ms);
      this.#reports.set(report, done);
      this.tell({ report, of, question });
    });
  }

  kill(): void {
    this.#options.child.kill('SIGKILL');
  }

  #send(order: Order, sent: () => void): void {
    const { child, log, number } = this.#options;
    if (!child.connected) return;
    if (this.#unsent >= maxUnsent) {
      log.error(
        { event: 'worker_stuck', worker: number },
        'A worker does not read what it is told: it is ended',
      );
      return this.kill();
    }
    this.#unsent++;
    child.send(order, () => {
      // One that can't be reached any more has ended, which is told by itself.
      this.#unsent--;
      sent();
    });
  }
}
