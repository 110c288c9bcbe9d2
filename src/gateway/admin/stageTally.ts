import type { CallRecord } from '../../protocol/audit/callRecord.js';
import { percentiles } from './percentiles.js';

/** What came of calls in one stage. */
export interface StageCounts {
  readonly name: string;
  readonly entered: number;
  readonly refused: number;
  /** By error code. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly per_s: number;
  readonly refused_per_s: number;
  readonly p50_us?: number;
}

interface Counts {
  entered: number;
  readonly refusals: Map<string, number>;
  readonly durations: number[];
  /** Entered and refused in each of the last seconds, in turn; see {@link rateSeconds}. */
  readonly last: { at: number; entered: number; refused: number }[];
}

const rateSeconds = 10;
const maxDurations = 50;
/** Stages that are counted: those of the gateway, and those of a program's own. */
const maxStages = 200;

/** Counts of ended calls by the stages that they have passed. A call may enter one several times. */
export class StageTally {
  readonly #stages = new Map<string, Counts>();

  /** @param second epoch seconds */
  add({ stages = [], error }: CallRecord, second: number): void {
    for (const { name, duration_ms: durationMs } of stages) {
      const counts = this.#of(name);
      if (counts === undefined) continue;
      counts.entered++;
      secondOf(counts, second).entered++;
      counts.durations[(counts.entered - 1) % maxDurations] = durationMs;
    }
    const last = error === undefined ? undefined : stages.at(-1);
    const counts = last && this.#of(last.name);
    if (counts === undefined || error === undefined) return;
    counts.refusals.set(error, (counts.refusals.get(error) ?? 0) + 1);
    secondOf(counts, second).refused++;
  }

  /** @param second epoch seconds of now */
  read(name: string, second: number): StageCounts {
    const counts = this.#stages.get(name);
    if (counts === undefined)
      return { name, entered: 0, refused: 0, refusals: {}, per_s: 0, refused_per_s: 0 };
    const recent = counts.last.filter(({ at }) => at >= second - rateSeconds && at < second);
    const rate = (of: 'entered' | 'refused'): number =>
      recent.reduce((sum, each) => sum + each[of], 0) / rateSeconds;
    const { p50_ms: p50 } = percentiles(counts.durations);
    return {
      name,
      entered: counts.entered,
      refused: [...counts.refusals.values()].reduce((sum, count) => sum + count, 0),
      refusals: Object.fromEntries(counts.refusals),
      per_s: rate('entered'),
      refused_per_s: rate('refused'),
      ...(p50 !== undefined && { p50_us: Math.round(p50 * 1000) }),
    };
  }

  /** Stages that were entered so far. */
  get names(): readonly string[] {
    return [...this.#stages.keys()];
  }

  #of(name: string): Counts | undefined {
    let counts = this.#stages.get(name);
    if (counts === undefined && this.#stages.size < maxStages)
      this.#stages.set(name, (counts = { entered: 0, refusals: new Map(), durations: [], last: [] }));
    return counts;
  }
}

const secondOf = ({ last }: Counts, at: number): Counts['last'][number] => {
  const newest = last.at(-1);
  if (newest !== undefined && newest.at >= at) return newest;
  const second = { at, entered: 0, refused: 0 };
  last.push(second);
  if (last.length > rateSeconds + 1) last.shift();
  return second;
};
