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
  /** It ran when a process ended. */
  isAgain?: boolean;
  /** It has not heeded its time, and the process was ended for it. */
  isLate?: boolean;
}

/** How long after its time a question that does not heed it is waited for, in milliseconds. */
const graceMs = 3000;

/**
 * Questions on their way: some at a time, some wait, more are refused. Tenants, and people of no tenant, take turns; each has a share of
 * those that wait, and tenants together never have all: who looks after the gateway is heard.
 */
export class Asking {
  readonly #tell: (message: ToStore) => void;
  readonly #kill: () => void;
  readonly #running = new Map<number, Open>();
  /** By who asks, whose turn is next first; none is empty. */
  readonly #waiting = new Map<string, Open[]>();
  readonly #again: Open[] = [];
  readonly #whenLost: (() => void)[] = [];
  #isOpen = false;
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

  /**
   * @param user who asks, where it is nobody of a tenant
   * @throws AnalyticsError `ERR_ANALYTICS_BUSY`
   */
  ask(asked: Asked, user = ''): Promise<Answer> {
    const { tenant } = asked;
    const asker = JSON.stringify([tenant ?? null, tenant === undefined ? user : null]);
    const mine = this.#waiting.get(asker) ?? [];
    if (this.#isFull(mine, tenant !== undefined))
      throw new AnalyticsError('ERR_ANALYTICS_BUSY', 'Too many questions are being asked: try again soon');
    return new Promise((resolve, reject) => {
      this.#waiting.set(asker, [...mine, { asked, resolve, reject }]);
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

  /** There is a process to ask. */
  opened(): void {
    this.#isOpen = true;
    this.#more();
  }

  /** The process has ended: what it was asked, the next one is asked once more, and what waits goes on waiting for that. */
  lost(): void {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    for (const open of this.#running.values()) {
      clearTimeout(open.timer);
      if (open.isLate === true)
        open.reject(
          new AnalyticsError('ERR_QUERY_TIMEOUT', 'The question took too long, and did not heed it'),
        );
      else if (open.isAgain === true) open.reject(cutOff());
      else this.#again.push(Object.assign(open, { isAgain: true }));
    }
    this.#running.clear();
    // One that did not even open may never do.
    if (!wasOpen) this.#rejectWaiting();
    for (const resolve of this.#whenLost.splice(0)) resolve();
  }

  /** There will be no other process. */
  close(): void {
    this.lost();
    this.#rejectWaiting();
  }

  #rejectWaiting(): void {
    for (const open of [...this.#again.splice(0), ...[...this.#waiting.values()].flat()])
      open.reject(cutOff());
    this.#waiting.clear();
  }

  /** What can be run is not among those that wait. */
  #isFull(mine: readonly Open[], isTenant: boolean): boolean {
    const { analyticsShare: share, analyticsWaiting: places } = limits;
    const all = [...this.#waiting.values()].flat();
    return (
      mine.length >= share ||
      all.length >= places ||
      (isTenant && all.filter(isOfTenant).length >= places - share)
    );
  }

  #more(): void {
    while (this.#isOpen && this.#running.size < limits.analyticsRunning) {
      const running = [...this.#running.values()];
      // What ran when a process ended may have ended it, and runs alone.
      if (running.some(({ isAgain }) => isAgain === true)) return;
      if (this.#again.length > 0 && running.length > 0) return;
      const open = this.#again.shift() ?? this.#nextInTurn(running.filter(isOfTenant).length);
      if (open === undefined) return;
      const id = this.#next++;
      this.#running.set(id, open);
      open.timer = setTimeout(() => {
        open.isLate = true;
        this.#kill();
      }, open.asked.timeoutMs + graceMs);
      this.#tell({ ask: open.asked, id });
    }
  }

  /** One is left for who belongs to no tenant. */
  #nextInTurn(ofTenants: number): Open | undefined {
    for (const [asker, [first, ...others]] of this.#waiting) {
      if (first === undefined || (isOfTenant(first) && ofTenants >= limits.analyticsRunning - 1)) continue;
      this.#waiting.delete(asker);
      if (others.length > 0) this.#waiting.set(asker, others);
      return first;
    }
    return undefined;
  }
}

const isOfTenant = ({ asked }: Open): boolean => asked.tenant !== undefined;

const cutOff = (): AnalyticsError =>
  new AnalyticsError(
    'ERR_ANALYTICS_AWAY',
    'The question was cut off: analytics has ended, or is started anew',
  );
