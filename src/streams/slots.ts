/** Counts what is under way by key, so that no key has more than its share. Holds nothing for a key that has nothing under way. */
export class Slots {
  readonly #taken = new Map<string, number>();

  /** How many the key has taken. */
  of(key: string): number {
    return this.#taken.get(key) ?? 0;
  }

  /** How many keys have taken any. */
  get size(): number {
    return this.#taken.size;
  }

  /** Takes some for the key, if it then has no more than `max`. What was taken is to be given back once. */
  take(key: string, max: number, count = 1): boolean {
    const taken = this.of(key) + count;
    if (taken > max) return false;
    if (taken > 0) this.#taken.set(key, taken);
    return true;
  }

  giveBack(key: string, count = 1): void {
    const left = this.of(key) - count;
    if (left > 0) this.#taken.set(key, left);
    else this.#taken.delete(key);
  }
}
