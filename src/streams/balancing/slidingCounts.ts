/** How many parts a window is counted in: its edge is exact to a tenth. */
const parts = 10;

/** Counts two kinds of things within the last so many milliseconds, in constant time and memory. */
export class SlidingCounts {
  readonly #partMs: number;
  readonly #now: () => number;
  readonly #first = new Array<number>(parts).fill(0);
  readonly #second = new Array<number>(parts).fill(0);
  #part: number;
  #firstSum = 0;
  #secondSum = 0;

  constructor(windowMs: number, now: () => number) {
    this.#partMs = windowMs / parts;
    this.#now = now;
    this.#part = this.#current();
  }

  get first(): number {
    this.#move();
    return this.#firstSum;
  }

  get second(): number {
    this.#move();
    return this.#secondSum;
  }

  addFirst(): void {
    this.#move();
    this.#firstSum++;
    const at = this.#part % parts;
    this.#first[at] = (this.#first[at] ?? 0) + 1;
  }

  addSecond(): void {
    this.#move();
    this.#secondSum++;
    const at = this.#part % parts;
    this.#second[at] = (this.#second[at] ?? 0) + 1;
  }

  clear(): void {
    this.#first.fill(0);
    this.#second.fill(0);
    this.#firstSum = this.#secondSum = 0;
  }

  #current(): number {
    return Math.floor(this.#now() / this.#partMs);
  }

  /** Forgets what has left the window. */
  #move(): void {
    const current = this.#current();
    if (current === this.#part) return;
    if (current - this.#part >= parts || current < this.#part) this.clear();
    else
      for (let part = this.#part + 1; part <= current; part++) {
        const at = part % parts;
        this.#firstSum -= this.#first[at] ?? 0;
        this.#secondSum -= this.#second[at] ?? 0;
        this.#first[at] = this.#second[at] = 0;
      }
    this.#part = current;
  }
}
