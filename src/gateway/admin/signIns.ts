import { createHash, randomBytes } from 'node:crypto';
import type { Person } from './person.js';

/** A person who has signed in, until that ends. */
export interface SignIn {
  readonly person: Person;
  /** What a page of ours says with everything that changes something (`x-csrf-token`). */
  readonly csrf: string;
  /** Calls `listener` once, when it ends. @returns what takes that back */
  onEnd(listener: () => void): () => void;
}

export interface SignInsOptions {
  /** Milliseconds after which one ends, and after which an unused one does. */
  readonly bounds: () => { readonly ttlMs: number; readonly idleMs: number };
  /** Whether the configuration still knows what a person signed in by. */
  readonly isKnown: (person: Person) => boolean;
  readonly now: () => number;
}

interface Entry extends SignIn {
  readonly beganAt: number;
  usedAt: number;
  readonly listeners: Set<() => void>;
}

/** More people at a time are a mistake: the one who was away longest is signed out. */
const maxSignIns = 1000;

/**
 * Those who have signed in with a browser, in the memory of this process.
 *
 * What a browser holds is 256 random bits; what is kept is their hash. An id is made at each sign-in and never taken from a browser, so
 * that nobody can have somebody else sign in to theirs.
 */
export class SignIns {
  /** By the hash of the id; the one used last is the last. */
  readonly #entries = new Map<string, Entry>();
  readonly #options: SignInsOptions;

  constructor(options: SignInsOptions) {
    this.#options = options;
  }

  /** Signs somebody in. @returns the id, for their browser only */
  open(person: Person): string {
    const id = randomBytes(32).toString('base64url');
    const now = this.#options.now();
    const listeners = new Set<() => void>();
    this.sweep();
    const [first] = this.#entries.keys();
    if (this.#entries.size >= maxSignIns && first !== undefined) this.#end(first);
    this.#entries.set(digest(id), {
      person,
      csrf: randomBytes(32).toString('base64url'),
      beganAt: now,
      usedAt: now,
      listeners,
      onEnd(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    });
    return id;
  }

  /** Who has that id, and has just used it. */
  use(id: string): SignIn | undefined {
    const key = digest(id);
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (this.#isOver(entry)) return void this.#end(key);
    entry.usedAt = this.#options.now();
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  /** Signs out. False for an id that nobody has. */
  close(id: string): boolean {
    return this.#end(digest(id));
  }

  /** Ends those that are over: somebody who only watches does not ask. */
  sweep(): void {
    for (const [key, entry] of [...this.#entries]) if (this.#isOver(entry)) this.#end(key);
  }

  closeAll(): void {
    for (const key of [...this.#entries.keys()]) this.#end(key);
  }

  #isOver({ person, beganAt, usedAt }: Entry): boolean {
    const { ttlMs, idleMs } = this.#options.bounds();
    const now = this.#options.now();
    return now - beganAt >= ttlMs || now - usedAt >= idleMs || !this.#options.isKnown(person);
  }

  #end(key: string): boolean {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    for (const listener of entry?.listeners ?? []) listener();
    return entry !== undefined;
  }
}

const digest = (id: string): string => createHash('sha256').update(id).digest('base64url');
