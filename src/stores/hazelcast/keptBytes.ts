/** What one instance has put into a place that several share, so that it does not put more there than it may. */
export class KeptBytes {
  readonly #entries = new Map<string, { readonly bytes: number; readonly until: number }>();
  #bytes = 0;

  /** Takes note of an entry. @returns the keys of those that have to go so that there are no more than `max` bytes */
  add(
    key: string,
    entry: { readonly bytes: number; readonly until: number },
    max: number,
    now: number,
  ): readonly string[] {
    this.#remove(key);
    this.#entries.set(key, entry);
    this.#bytes += entry.bytes;
    const going: string[] = [];
    for (const [oldest, { until }] of this.#entries) {
      if (until > now && this.#bytes <= max) break;
      this.#remove(oldest);
      if (until > now) going.push(oldest);
    }
    return going;
  }

  get held(): { readonly answers: number; readonly bytes: number } {
    return { answers: this.#entries.size, bytes: this.#bytes };
  }

  #remove(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}
