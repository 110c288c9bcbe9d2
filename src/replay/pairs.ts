/** Most that wait for their other half: a stream of which one side is as far ahead is not compared any further. */
const maxWaiting = 10_000;

/** Two sequences that should be the same, compared as they come: in memory that does not grow with them. */
export class Pairs<T> {
  readonly #compare: (recorded: T, actual: T, index: number) => void;
  readonly #waiting = { recorded: [] as T[], actual: [] as T[] };
  #paired = 0;

  constructor(compare: (recorded: T, actual: T, index: number) => void) {
    this.#compare = compare;
  }

  /** What has found no other half, and how many have. */
  get left(): { readonly recorded: readonly T[]; readonly actual: readonly T[]; readonly paired: number } {
    return { ...this.#waiting, paired: this.#paired };
  }

  push(side: 'recorded' | 'actual', item: T): void {
    const own = this.#waiting[side];
    if (own.length < maxWaiting) own.push(item);
    const { recorded, actual } = this.#waiting;
    while (recorded.length > 0 && actual.length > 0)
      this.#compare(recorded.shift() as T, actual.shift() as T, this.#paired++);
  }
}
