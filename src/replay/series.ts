import { build, type Histogram } from 'hdr-histogram-js';

/** What happened in a stretch of time. */
export interface Stretch {
  /** Seconds from the beginning. */
  readonly at: number;
  readonly seconds: number;
  calls: number;
  failed: number;
  /** Microseconds; of stretches that were put together, the p50 is a mean and the others are the largest. */
  p50: number;
  p99: number;
  max: number;
}

/** Stretches that are kept: when there are more, each two become one. */
const most = 240;

/** How it went over time, in stretches that get longer with it: the memory stays the same. */
export class Series {
  #stretches: Stretch[] = [];
  #width = 0.5;
  #current: Histogram = short();
  #failed = 0;
  #at = 0;

  /** A call has ended. */
  add(at: number, micros: number): void {
    this.#reach(at);
    this.#current.recordValue(micros);
  }

  fail(): void {
    this.#failed++;
  }

  /** All so far. */
  get stretches(): readonly Stretch[] {
    return this.#current.totalCount + this.#failed > 0
      ? [...this.#stretches, this.#stretch()]
      : this.#stretches;
  }

  #reach(at: number): void {
    while (at >= this.#at + this.#width) {
      this.#stretches.push(this.#stretch());
      this.#at += this.#width;
      this.#current.reset();
      this.#failed = 0;
      if (this.#stretches.length >= most) this.#halve();
    }
  }

  #stretch(): Stretch {
    const { totalCount: calls, maxValue: max } = this.#current;
    const at = (percentile: number): number =>
      calls === 0 ? 0 : this.#current.getValueAtPercentile(percentile);
    return { at: this.#at, seconds: this.#width, calls, failed: this.#failed, p50: at(50), p99: at(99), max };
  }

  #halve(): void {
    const before = this.#stretches;
    this.#stretches = [];
    for (let index = 0; index < before.length; index += 2) {
      const [one, other] = [before[index], before[index + 1]];
      if (one === undefined || other === undefined) break;
      const calls = one.calls + other.calls;
      this.#stretches.push({
        at: one.at,
        seconds: one.seconds + other.seconds,
        calls,
        failed: one.failed + other.failed,
        p50: calls === 0 ? 0 : Math.round((one.p50 * one.calls + other.p50 * other.calls) / calls),
        p99: Math.max(one.p99, other.p99),
        max: Math.max(one.max, other.max),
      });
    }
    this.#width *= 2;
  }
}

const short = (): Histogram =>
  build({ bitBucketSize: 32, autoResize: true, numberOfSignificantValueDigits: 2, useWebAssembly: false });
