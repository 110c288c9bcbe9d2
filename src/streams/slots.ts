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

  /** Takes one for the key, if it has fewer than `max`. Each that was taken is to be given back once. */
  take(key: string, max: number): boolean {
    const taken = this.of(key);
    if (taken >= max) return false;
    this.#taken.set(key, taken + 1);
    return true;
  }

  giveBack(key: string): void {
    const left = this.of(key) - 1;
    if (left > 0) this.#taken.set(key, left);
    else this.#taken.delete(key);
  }
}
