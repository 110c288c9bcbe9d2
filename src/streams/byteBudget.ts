/** Bytes that many share and none may exceed together. */
export class ByteBudget {
  readonly #max: () => number;
  #used = 0;

  /** @param max how many there are; asked with each request, so that it may change */
  constructor(max: () => number) {
    this.#max = max;
  }

  get used(): number {
    return this.#used;
  }

  get max(): number {
    return this.#max();
  }

  /** Takes some, even beyond the budget: they have been received already. Tells whether they fitted. */
  take(bytes: number): boolean {
    this.#used += bytes;
    return this.#used <= this.#max();
  }

  giveBack(bytes: number): void {
    this.#used -= bytes;
  }
}
