/** A worker that has lived so long was sound, in milliseconds. */
const soundMs = 10_000;
const firstMs = 100;
const maxMs = 30_000;
/** So many in a row that did not become sound are a loop. */
const loopAt = 3;

/** When a worker that has ended is to be started again. */
export interface Restart {
  readonly delayMs: number;
  /** Whether its kind ends again and again, soon after the start. */
  readonly isLoop: boolean;
}

/** Counts how often each of the workers has ended young, so that one that can't live does not keep the machine busy with its births. */
export class Restarts {
  readonly #young = new Map<number, number>();

  /** Whether one of the workers is in a loop of ends and starts. */
  get isLoop(): boolean {
    return [...this.#young.values()].some((count) => count >= loopAt);
  }

  /** A worker has ended. @param livedMs how long it has lived, in milliseconds */
  ended(number: number, livedMs: number): Restart {
    this.lives(number, livedMs);
    if (livedMs >= soundMs) return { delayMs: 0, isLoop: false };
    const count = (this.#young.get(number) ?? 0) + 1;
    this.#young.set(number, count);
    return { delayMs: Math.min(firstMs * 2 ** (count - 1), maxMs), isLoop: count >= loopAt };
  }

  /** A worker is alive; once it has been for long enough, whatever was before is forgotten. */
  lives(number: number, forMs: number): void {
    if (forMs >= soundMs) this.#young.delete(number);
  }
}
