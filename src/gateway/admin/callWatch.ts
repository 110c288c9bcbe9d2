import { distinctUntilChanged, EMPTY, map, switchMap, type Observable, type Subscription } from 'rxjs';
import type { Settings } from '../../config/settings.js';
import type { CallRecord } from '../../protocol/audit/callRecord.js';
import { drain } from '../../streams/drain.js';
import { kept } from '../../streams/kept.js';
import type { Latest } from '../../streams/latest.js';
import { RecentCalls } from './recentCalls.js';
import { Tally } from './tally.js';

export interface CallWatchOptions {
  readonly settings: Latest<Settings>;
  readonly records$: Observable<CallRecord>;
  /** Whether anybody could sign in and look. */
  readonly isOpen: () => boolean;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Tenants whose calls are counted by themselves. */
const maxTenants = 500;

/** What the console knows of calls: the last ones, and counts of all. Where nobody could look, nothing is watched. */
export class CallWatch {
  readonly recent: RecentCalls;
  readonly #now: () => number;
  readonly #all = new Tally();
  readonly #tenants = new Map<string, Tally>();
  readonly #watching: Subscription;

  constructor({ settings, records$, isOpen, now }: CallWatchOptions) {
    this.#now = now;
    this.recent = new RecentCalls(() => settings.current.admin.recentCalls);
    const wanted$ = settings.changes$.pipe(
      map(() => isOpen() && settings.current.admin.recentCalls > 0),
      distinctUntilChanged(),
    );
    this.#watching = drain(wanted$.pipe(switchMap((wanted) => (wanted ? records$ : EMPTY))), (record) =>
      this.#take(record),
    );
  }

  /** The counts that somebody may see. @param tenant undefined for who sees all */
  tally(tenant: string | undefined): Tally {
    return tenant === undefined ? this.#all : (this.#tenants.get(tenant) ?? new Tally());
  }

  close(): void {
    this.#watching.unsubscribe();
  }

  #take(record: CallRecord): void {
    const now = this.#now();
    this.recent.add(record);
    this.#all.add(record, now);
    const tenant = record.who?.tenant;
    if (tenant === undefined || (!this.#tenants.has(tenant) && this.#tenants.size >= maxTenants)) return;
    kept(this.#tenants, tenant, () => new Tally()).add(record, now);
  }
}
