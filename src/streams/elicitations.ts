import { Observable } from 'rxjs';
import type { Completion } from './backend.js';
import { alwaysOpen, type Valve } from './valve.js';

export interface ElicitationsOptions {
  /** How many are remembered of one session; the oldest gives way. */
  readonly maxPerSession: number;
  /** How many are remembered in all; the oldest gives way. */
  readonly max: number;
  /** How long each is remembered, in milliseconds. */
  readonly ttlMs: number;
  /** The time in milliseconds. */
  readonly now: () => number;
}

/** What was given to whom: an elicitation of a server's, to a session of a principal's. */
export interface GivenElicitation {
  readonly server: string;
  readonly principalId: string;
  readonly sessionId: string;
  readonly id: string;
}

/** A server's word that an elicitation is done. */
export interface CompletedElicitation extends Completion {
  readonly server: string;
}

interface Entry extends GivenElicitation {
  readonly until: number;
  /** The server has said that it is done; its client has yet to hear of it. */
  done: boolean;
}

/** Ids are the server's to choose; a longer one is not remembered. */
const maxIdLength = 256;

/**
 * The elicitations by URL that sessions of the 2025 era were given, until their servers say that they are done
 * (`notifications/elicitation/complete`): that is told to the session that was given the id, and to nobody else.
 *
 * Where that session has no stream open, or does not read it, what is done waits here: the memory of the ids is the only buffer.
 */
export class Elicitations {
  readonly #options: ElicitationsOptions;
  /** The oldest first; all live equally long. */
  readonly #all = new Set<Entry>();
  readonly #bySession = new Map<string, Set<Entry>>();
  readonly #byId = new Map<string, Set<Entry>>();
  readonly #listeners = new Map<string, () => void>();

  constructor(options: ElicitationsOptions) {
    this.#options = options;
  }

  /** How many are remembered. */
  get size(): number {
    return this.#all.size;
  }

  /** Takes note that a session was given an elicitation; given once more, it is as if for the first time. */
  given({ server, principalId, sessionId, id }: GivenElicitation): void {
    const { max, maxPerSession, ttlMs, now } = this.#options;
    if (id.length > maxIdLength) return;
    this.#forgetOld();
    const before = this.#find(server, sessionId, id);
    if (before !== undefined) this.#forget(before);
    const [oldestOfSession] = this.#bySession.get(sessionId) ?? [];
    if ((this.#bySession.get(sessionId)?.size ?? 0) >= maxPerSession && oldestOfSession !== undefined)
      this.#forget(oldestOfSession);
    const [oldest] = this.#all;
    if (this.#all.size >= max && oldest !== undefined) this.#forget(oldest);
    const entry: Entry = { server, principalId, sessionId, id, until: now() + ttlMs, done: false };
    this.#all.add(entry);
    add(this.#bySession, sessionId, entry);
    add(this.#byId, id, entry);
  }

  /** Hears from a server that an elicitation is done. An id that it gave to no session of that principal means nothing. */
  completed({ server, elicitationId, principalId }: CompletedElicitation): void {
    this.#forgetOld();
    for (const entry of this.#byId.get(elicitationId) ?? []) {
      if (entry.done || entry.server !== server) continue;
      if (principalId !== undefined && entry.principalId !== principalId) continue;
      entry.done = true;
      this.#listeners.get(entry.sessionId)?.();
    }
  }

  /** Whether a session was given this elicitation; it is forgotten then, for its client is told now. */
  take(server: string, sessionId: string, id: string): boolean {
    const entry = this.#find(server, sessionId, id);
    if (entry !== undefined) this.#forget(entry);
    return entry !== undefined;
  }

  /**
   * The ids of a session's elicitations that are done, those that wait included. For one subscriber at a time.
   *
   * @param valve the client's demand: while it is closed they wait
   */
  of(sessionId: string, valve: Valve = alwaysOpen): Observable<string> {
    return new Observable((subscriber) => {
      const flush = (): void => {
        for (const entry of this.#bySession.get(sessionId) ?? []) {
          if (!valve.open || subscriber.closed) return;
          if (!entry.done) continue;
          this.#forget(entry);
          subscriber.next(entry.id);
        }
      };
      this.#listeners.set(sessionId, flush);
      subscriber.add(() => {
        if (this.#listeners.get(sessionId) === flush) this.#listeners.delete(sessionId);
      });
      subscriber.add(valve.attach({ pause: () => undefined, resume: flush }));
      this.#forgetOld();
      flush();
    });
  }

  /** Forgets all of a session. */
  endSession(sessionId: string): void {
    for (const entry of this.#bySession.get(sessionId) ?? []) this.#forget(entry);
  }

  #find(server: string, sessionId: string, id: string): Entry | undefined {
    for (const entry of this.#bySession.get(sessionId) ?? [])
      if (entry.id === id && entry.server === server) return entry;
    return undefined;
  }

  #forgetOld(): void {
    const now = this.#options.now();
    for (const entry of this.#all) {
      if (entry.until > now) return;
      this.#forget(entry);
    }
  }

  #forget(entry: Entry): void {
    this.#all.delete(entry);
    remove(this.#bySession, entry.sessionId, entry);
    remove(this.#byId, entry.id, entry);
  }
}

const add = (index: Map<string, Set<Entry>>, key: string, entry: Entry): void => {
  const entries = index.get(key);
  if (entries === undefined) index.set(key, new Set([entry]));
  else entries.add(entry);
};

const remove = (index: Map<string, Set<Entry>>, key: string, entry: Entry): void => {
  const entries = index.get(key);
  entries?.delete(entry);
  if (entries?.size === 0) index.delete(key);
};
