import { limits } from '../../config/limits.js';
import type { Rows } from './analytics.js';
import { AnalyticsError } from './analyticsError.js';
import type { Asked, ExportedFile, FromStore, ToStore } from './storeMessages.js';

type Answer = Rows | ExportedFile;

interface Open {
  readonly asked: Asked;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: AnalyticsError) => void;
  timer?: NodeJS.Timeout;
}

/** How long after its time a question that does not heed it is waited for, in milliseconds. */
const graceMs = 3000;

/** Questions on their way: some at a time, some wait, more are refused. */
export class Asking {
  readonly #tell: (message: ToStore) => void;
  readonly #kill: () => void;
  readonly #running = new Map<number, Open>();
  readonly #waiting: Open[] = [];
  readonly #whenLost: (() => void)[] = [];
  #next = 1;

  /** @param kill ends the process that answers: for a question that can't be stopped otherwise */
  constructor(tell: (message: ToStore) => void, kill: () => void) {
    this.#tell = tell;
    this.#kill = kill;
  }

  /** Resolves when the process has ended. */
  get whenLost(): Promise<void> {
    return new Promise((resolve) => this.#whenLost.push(resolve));
  }

  ask(asked: Asked): Promise<Answer> {
    if (this.#running.size >= limits.analyticsRunning && this.#waiting.length >= limits.analyticsWaiting)
      throw new AnalyticsError('ERR_ANALYTICS_BUSY', 'Too many questions are being asked: try again soon');
    return new Promise((resolve, reject) => {
      this.#waiting.push({ asked, resolve, reject });
      this.#more();
    });
  }

  answered(message: Extract<FromStore, { id: number }>): void {
    const open = this.#running.get(message.id);
    if (open === undefined) return;
    this.#running.delete(message.id);
    clearTimeout(open.timer);
    if ('failed' in message) open.reject(new AnalyticsError(message.failed.code, message.failed.message));
    else open.resolve('rows' in message ? message.rows : message.file);
    this.#more();
  }

  /** The process has ended, and with it what was asked. */
  lost(): void {
    for (const open of [...this.#running.values(), ...this.#waiting.splice(0)]) {
      clearTimeout(open.timer);
      open.reject(
        new AnalyticsError(
          'ERR_ANALYTICS_AWAY',
          'The question was cut off: analytics has ended, or is started anew',
        ),
      );
    }
    this.#running.clear();
    for (const resolve of this.#whenLost.splice(0)) resolve();
  }

  #more(): void {
    while (this.#running.size < limits.analyticsRunning) {
      const open = this.#waiting.shift();
      if (open === undefined) return;
      const id = this.#next++;
      this.#running.set(id, open);
      open.timer = setTimeout(() => this.#kill(), open.asked.timeoutMs + graceMs);
      this.#tell({ ask: open.asked, id });
    }
  }
}
