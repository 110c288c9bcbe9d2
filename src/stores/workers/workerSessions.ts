import { asyncScheduler, interval, map, NEVER, Subject, type Observable, type SchedulerLike } from 'rxjs';
import type { Home, Homes } from '../../streams/homes.js';
import type { Session, SessionEvent, SessionStore } from '../../streams/sessions.js';
import type { BookLink } from './bookLink.js';

export interface WorkerSessionsOptions {
  readonly link: BookLink;
  /** Id of this worker. */
  readonly self: string;
  /** A session unused for so many milliseconds ends. The book has to keep it for {@link bookTtl} of it. */
  readonly ttlMs: number;
  /** Time, for tests. */
  readonly scheduler?: SchedulerLike;
}

interface Entry {
  readonly session: Session;
  expiresAt: number;
  /** When the book has last been told that it is used. */
  toldAt: number;
}

/** The use of a session is told to the book once in this share of its time to live. */
const toldShare = 10;

/** Homes remembered of sessions that are elsewhere; the one asked for longest ago is forgotten first. */
const maxRemembered = 10_000;

/** How long the book keeps a session that it hears nothing of: its home, which knows better, ends it sooner. */
export const bookTtl = (ttlMs: number): number => ttlMs * (1 + 1 / toldShare);

/**
 * The sessions of one of several workers, and the homes of those of the others. Those at home here are at hand; of the others the book
 * (see {@link WorkerBook}) is asked, once.
 */
export class WorkerSessions implements SessionStore, Homes {
  readonly self: string;
  readonly changes$: Observable<SessionEvent>;
  readonly lost$: Observable<string>;
  /** The system ends the connections of a process that has gone. */
  readonly gone$ = NEVER;
  readonly #options: WorkerSessionsOptions;
  readonly #scheduler: SchedulerLike;
  readonly #own = new Map<string, Entry>();
  readonly #elsewhere = new Map<string, string>();
  /** Sessions that were at home here: something of them may be finishing here. */
  readonly #lostHere = new Set<string>();
  #instances = new Map<string, Home>();
  readonly #changes = new Subject<SessionEvent>();
  readonly #lost = new Subject<string>();
  readonly #subscriptions;

  constructor(options: WorkerSessionsOptions) {
    const { link, self, ttlMs, scheduler = asyncScheduler } = options;
    this.#options = options;
    this.#scheduler = scheduler;
    this.self = self;
    this.changes$ = this.#changes.asObservable();
    this.lost$ = this.#lost.asObservable();
    this.#subscriptions = interval(Math.min(Math.max(ttlMs / 10, 100), 30_000), scheduler).subscribe(() => {
      for (const [id, entry] of this.#own) if (entry.expiresAt <= scheduler.now()) this.#expire(id);
    });
    this.#subscriptions.add(
      link.news$.subscribe((news) => {
        if ('instances' in news)
          this.#instances = new Map(news.instances.map((home) => [home.instance, home]));
        else if ('ended' in news) for (const id of news.ended) this.#drop(id);
        else if ('lost' in news && this.#own.delete(news.lost)) {
          this.#lostHere.add(news.lost);
          this.#lost.next(news.lost);
        }
      }),
    );
  }

  get size(): number {
    return this.#own.size;
  }

  get(id: string): Session | undefined | Observable<Session | undefined> {
    const entry = this.#own.get(id);
    if (entry === undefined)
      return this.#options.link.ask({ ask: 'get', id }).pipe(map(({ session }) => this.#note(id, session)));
    const now = this.#scheduler.now();
    if (entry.expiresAt <= now) {
      this.#expire(id);
      return undefined;
    }
    const { link, ttlMs } = this.#options;
    entry.expiresAt = now + ttlMs;
    if (now - entry.toldAt >= ttlMs / toldShare) {
      entry.toldAt = now;
      link.tell({ ask: 'get', id });
    }
    return entry.session;
  }

  put(session: Session): Observable<void> {
    return this.#options.link.ask({ ask: 'put', session }).pipe(
      map(() => {
        const isNew = session.home === this.self && !this.#own.has(session.id);
        this.#note(session.id, session);
        if (isNew) this.#changes.next({ kind: 'opened', id: session.id });
      }),
    );
  }

  delete(id: string): Observable<boolean> {
    this.#drop(id);
    return this.#options.link.ask({ ask: 'delete', id }).pipe(map(({ found }) => found === true));
  }

  elsewhere(id: string): Home | undefined | Observable<Home | undefined> {
    if (this.#own.has(id)) return undefined;
    const known = this.#elsewhere.get(id);
    if (known !== undefined) return this.#homeAt(known);
    return this.#options.link.ask({ ask: 'get', id }).pipe(map(({ session }) => this.#homeOf(id, session)));
  }

  takeOver(id: string, from: Home): Observable<Home | undefined> {
    return this.#options.link
      .ask({ ask: 'takeOver', id, from: from.instance })
      .pipe(map(({ session }) => this.#homeOf(id, session)));
  }

  get others(): readonly Home[] {
    return [...this.#instances.values()].filter(({ instance }) => instance !== this.self);
  }

  find(instance: string): Home | undefined {
    return instance === this.self ? undefined : this.#instances.get(instance);
  }

  enter(address: string): Observable<void> {
    return this.#options.link.ask({ ask: 'enter', address }).pipe(map(() => undefined));
  }

  leave(): Observable<void> {
    return this.#options.link.ask({ ask: 'leave' }).pipe(map(() => undefined));
  }

  close(): void {
    this.#subscriptions.unsubscribe();
    this.#changes.complete();
    this.#lost.complete();
  }

  #homeOf(id: string, session: Session | undefined): Home | undefined {
    this.#note(id, session);
    return session === undefined || session.home === this.self ? undefined : this.#homeAt(session.home);
  }

  #homeAt(instance: string): Home {
    return this.#instances.get(instance) ?? { instance, address: '', state: 'gone' };
  }

  /** Remembers what the book said of a session. */
  #note(id: string, session: Session | undefined): Session | undefined {
    this.#elsewhere.delete(id);
    if (session === undefined) this.#own.delete(id);
    else if (session.home === this.self) {
      const now = this.#scheduler.now();
      this.#own.set(id, { session, expiresAt: now + this.#options.ttlMs, toldAt: now });
    } else {
      this.#own.delete(id);
      this.#elsewhere.set(id, session.home);
      if (this.#elsewhere.size > maxRemembered)
        for (const oldest of this.#elsewhere.keys()) {
          this.#elsewhere.delete(oldest);
          break;
        }
    }
    return session;
  }

  #expire(id: string): void {
    this.#options.link.tell({ ask: 'delete', id });
    this.#drop(id);
  }

  #drop(id: string): void {
    this.#elsewhere.delete(id);
    const wasHere = this.#own.delete(id) || this.#lostHere.delete(id);
    if (wasHere) this.#changes.next({ kind: 'ended', id });
  }
}
