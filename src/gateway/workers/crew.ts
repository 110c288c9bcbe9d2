import { asyncScheduler, interval, Subscription, timer, type SchedulerLike } from 'rxjs';
import { drain } from '../../streams/drain.js';
import type { Log } from '../../streams/log.js';
import { ListenError } from '../listenError.js';
import { CrewWorker, type WorkerProcess } from './crewWorker.js';
import { CrewError } from './crewError.js';
import type { Beginning, RecordBatch, Reports, Told } from './messages.js';
import { Restarts } from './restarts.js';

export interface CrewOptions {
  /** How many are to live. */
  readonly size: number;
  /** Starts the process of one. */
  readonly fork: () => WorkerProcess;
  /** What one begins with, besides who it is. */
  readonly beginning: (worker: CrewWorker) => Omit<Beginning, 'number' | 'instance' | 'port'>;
  /** The version they must be of: another program may have been installed meanwhile. */
  readonly version: string;
  /** One is there, before it is told anything. */
  readonly joined: (worker: CrewWorker) => void;
  /** One has gone. */
  readonly parted: (worker: CrewWorker) => void;
  /** What a worker asks of its store. */
  readonly asked: (worker: CrewWorker, question: Extract<Told, { readonly store: unknown }>['store']) => void;
  /** What a worker tells of its calls, while that is wanted. */
  readonly recorded: (batch: RecordBatch) => void;
  readonly log: Log;
  /** Time, for tests. */
  readonly scheduler?: SchedulerLike;
}

/** How often workers are asked whether they are there, in milliseconds; one that misses three is stuck, and ended. */
const pulseMs = 10_000;
const maxMissedPulses = 3;

/** Keeps so many workers alive: one that ends is replaced, the sooner the longer it has lived. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #scheduler: SchedulerLike;
  readonly #live = new Map<number, CrewWorker>();
  readonly #restarts = new Restarts();
  readonly #timers = new Subscription();
  readonly #changed: (() => void)[] = [];
  #url: string | undefined;
  #port = 0;
  #failure: Error | undefined;
  #stopping = false;
  #replaced = 0;
  #wantsRecords = false;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#scheduler = options.scheduler ?? asyncScheduler;
  }

  get live(): readonly CrewWorker[] {
    return [...this.#live.values()].sort((a, b) => a.number - b.number);
  }

  /** How many have ended and were replaced. */
  get replaced(): number {
    return this.#replaced;
  }

  /** Whether they end again and again. */
  get isLoop(): boolean {
    return this.#restarts.isLoop;
  }

  /** Starts them; resolves with the base URL when all listen. Rejects when one can't, or ends before it does. */
  async start(): Promise<string> {
    for (let number = 1; number <= this.#options.size; number++) this.#begin(number);
    this.#timers.add(drain(interval(pulseMs, this.#scheduler), () => this.#feel()));
    await this.#until(() => this.live.every(({ state }) => state !== 'starting'));
    return this.#url ?? '';
  }

  /** Resolves when all have been ready, or are to stop. */
  async ready(): Promise<void> {
    await this.#until(
      () => this.#stopping || (this.#isWhole && this.live.every(({ state }) => state === 'ready')),
    );
  }

  configure(settings: unknown): void {
    for (const worker of this.#live.values()) if (worker.state !== 'starting') worker.configure(settings);
  }

  /** Says whether workers are to hand over the records of their calls; at first they are not. */
  wantRecords(isWanted: boolean): void {
    this.#wantsRecords = isWanted;
    for (const worker of this.#live.values())
      if (worker.state !== 'starting') worker.tell({ records: isWanted });
  }

  /** Asks all; of those that do not answer there is nothing. */
  async report<K extends keyof Reports>(of: K): Promise<ReadonlyMap<CrewWorker, Reports[K]>> {
    const reports = new Map<CrewWorker, Reports[K]>();
    await Promise.all(
      this.live
        .filter(({ state }) => state !== 'starting')
        .map(async (worker) => {
          const report = await worker.report(of);
          if (report !== undefined) reports.set(worker, report);
        }),
    );
    return reports;
  }

  /** Lets all leave; those that have not within `graceMs` are ended. Resolves when none is left. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#timers.unsubscribe();
    for (const worker of this.#live.values())
      if (worker.state === 'starting') worker.kill();
      else worker.tell({ stop: true });
    const hurry = drain(timer(graceMs, this.#scheduler), () => this.kill());
    this.#wake();
    await this.#until(() => this.#live.size === 0);
    hurry.unsubscribe();
  }

  /** Ends all at once. */
  kill(): void {
    for (const worker of this.#live.values()) worker.kill();
  }

  get #isWhole(): boolean {
    return this.#live.size === this.#options.size;
  }

  /** A port that the system chose is one that all share while one of them lives; later ones have to name it. */
  #holdPort(): void {
    if (this.#url !== undefined && this.live.every(({ state }) => state === 'starting'))
      this.#port = Number(new URL(this.#url).port);
  }

  #begin(number: number): void {
    const { fork, log } = this.#options;
    const worker: CrewWorker = new CrewWorker({
      number,
      child: fork(),
      log,
      now: () => this.#scheduler.now(),
      heard: (told) => this.#heard(worker, told),
      ended: (code, signal) => this.#ended(worker, code, signal),
    });
    this.#live.set(number, worker);
  }

  #heard(worker: CrewWorker, told: Told): void {
    const { number, instance } = worker;
    const { beginning, joined, asked, recorded, version, log } = this.#options;
    if ('store' in told) return asked(worker, told.store);
    if ('records' in told) return recorded(told);
    if ('hello' in told) {
      if (told.hello !== version) {
        log.error(
          { event: 'worker_version', worker: number, version: told.hello, expected: version },
          'The installed program is not the one that runs: start it anew',
        );
        return worker.kill();
      }
      joined(worker);
      this.#holdPort();
      const begin = { ...beginning(worker), number, instance, port: this.#port };
      worker.begunWith = begin.settings;
      worker.tell({ begin });
    } else if ('listening' in told) {
      this.#url ??= told.listening;
      // Where it should be any free port: all were gone for a moment, and it was given another one.
      if (told.listening !== this.#url) return worker.kill();
      worker.state = 'listening';
      // They may have changed meanwhile.
      const { settings } = beginning(worker);
      if (settings !== worker.begunWith) worker.configure(settings);
      if (this.#wantsRecords) worker.tell({ records: true });
    } else if ('refused' in told) {
      const { host, port, code, message } = told.refused;
      const error = new ListenError(host, port, Object.assign(new Error(message), { code }));
      if (this.#url === undefined) this.#fail(error);
      else log.error({ event: 'worker_refused', worker: number }, error.message);
    } else if ('ready' in told) {
      worker.state = 'ready';
      if (this.#replaced > 0)
        log.info({ event: 'worker_ready', worker: number, pid: worker.pid }, 'Worker ready');
    } else if ('leaving' in told) worker.state = 'leaving';
    this.#wake();
  }

  #ended(worker: CrewWorker, code: number | null, signal: NodeJS.Signals | null): void {
    const { number, pid, state, startedAt } = worker;
    const { log, parted } = this.#options;
    this.#live.delete(number);
    parted(worker);
    if (!this.#stopping) {
      const how = { worker: number, pid, code, signal };
      const livedMs = this.#scheduler.now() - startedAt;
      if (this.#url === undefined)
        this.#fail(new CrewError(`A worker has ended (${signal ?? code}) before it listened`));
      else if (state === 'leaving') {
        log.info({ event: 'worker_left', ...how }, 'A worker has left and is replaced');
        this.#replace(number, 0);
      } else {
        const { delayMs, isLoop } = this.#restarts.ended(number, livedMs);
        log.error(
          {
            event: isLoop ? 'worker_crash_loop' : 'worker_ended',
            ...how,
            lived_ms: livedMs,
            delay_ms: delayMs,
          },
          isLoop
            ? 'A worker ends again and again, soon after its start: what it logged last says why'
            : 'A worker has ended: its sessions go on elsewhere, what it was doing is lost; it is replaced',
        );
        this.#replace(number, delayMs);
      }
    }
    this.#wake();
  }

  #replace(number: number, delayMs: number): void {
    this.#replaced++;
    this.#timers.add(drain(timer(delayMs, this.#scheduler), () => this.#begin(number)));
  }

  /** Asks all whether they are there, and ends those that have not been for long. */
  #feel(): void {
    for (const worker of this.#live.values()) {
      if (worker.missedPulses >= maxMissedPulses) {
        const { log } = this.#options;
        log.error({ event: 'worker_stuck', worker: worker.number }, 'A worker does not answer: it is ended');
        worker.kill();
        continue;
      }
      if (worker.missedPulses === 0)
        this.#restarts.lives(worker.number, this.#scheduler.now() - worker.startedAt);
      worker.missedPulses++;
      void worker.report('pulse');
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }

  /** Resolves when something has become true; rejects when the start has failed first. */
  #until(isTrue: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): boolean => {
        if (isTrue()) resolve();
        else if (this.#failure !== undefined && !this.#stopping) reject(this.#failure);
        else return false;
        return true;
      };
      const waiter = (): void => {
        if (look()) this.#changed.splice(this.#changed.indexOf(waiter), 1);
      };
      if (!look()) this.#changed.push(waiter);
    });
  }

  #wake(): void {
    for (const waiter of [...this.#changed]) waiter();
  }
}
