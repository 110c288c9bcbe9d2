/** So many samples are looked back at. */
const kept = 200;
/** The percentile is found anew after so many: sorting costs 10 µs. */
const every = 20;

/** How long the last answers took, and the time within which most of them came. */
export class Latencies {
  readonly #percentile: number;
  readonly #minSamples: number;
  readonly #samples = new Float64Array(kept);
  #count = 0;
  #found: number | undefined;

  /**
   * @param percentile 0 to 1
   * @param minSamples fewer say nothing; 200 at most are ever kept
   */
  constructor(percentile: number, minSamples: number) {
    this.#percentile = percentile;
    this.#minSamples = Math.min(minSamples, kept);
  }

  /** In milliseconds; undefined while there are too few. */
  get usual(): number | undefined {
    return this.#found;
  }

  add(ms: number): void {
    this.#samples[this.#count++ % kept] = ms;
    if (this.#count < this.#minSamples) return;
    if (this.#found !== undefined && this.#count % every !== 0) return;
    const known = this.#samples.slice(0, Math.min(this.#count, kept)).sort();
    this.#found = known[Math.min(known.length - 1, Math.floor(known.length * this.#percentile))];
  }
}
