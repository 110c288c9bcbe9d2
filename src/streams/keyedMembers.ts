/** An entry, which is emptied when it leaves. */
interface Entry<V> {
  value: V | undefined;
}

/**
 * A `Map` for what comes and goes with each call and is found by a key. The old tables that a Map leaves behind (see {@link Members}) hold
 * empty entries only.
 */
export class KeyedMembers<K, V extends object> {
  readonly #entries = new Map<K, Entry<V>>();

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Puts it in the place of what was there. */
  set(key: K, value: V): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, { value });
    else entry.value = value;
  }

  /** @returns what was there */
  delete(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const { value } = entry;
    this.#entries.delete(key);
    entry.value = undefined;
    return value;
  }

  *values(): Generator<V> {
    for (const { value } of this.#entries.values()) if (value !== undefined) yield value;
  }
}
