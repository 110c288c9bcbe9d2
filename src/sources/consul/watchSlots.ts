/** A bound on the blocking queries open at once: agents serve 200 connections to an address by default. */
export class WatchSlots {
  readonly #max: number;
  #taken = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get taken(): number {
    return this.#taken;
  }

  /** False when all are in use. */
  take(): boolean {
    if (this.#taken >= this.#max) return false;
    this.#taken++;
    return true;
  }

  /** Takes one in any case: for the few feeds without which nothing is known. */
  insist(): void {
    this.#taken++;
  }

  free(): void {
    this.#taken--;
  }
}
