import type { CallRecord } from '../../protocol/audit/callRecord.js';
import { isError } from './isError.js';
import { percentiles, type Percentiles } from './percentiles.js';
import { StageTally } from './stageTally.js';

/** A second of calls. */
export interface Point extends Percentiles {
  /** ISO 8601. */
  readonly at: string;
  readonly calls: number;
  readonly errors: number;
}

/** What came of the calls of one tool. */
export interface ToolCounts {
  calls: number;
  errors: number;
  /** The last of their durations, in milliseconds. */
  readonly durations: number[];
}

interface Second {
  /** Epoch seconds. */
  readonly at: number;
  calls: number;
  errors: number;
  readonly durations: number[];
  point?: Point;
}

/** Seconds that are remembered. */
const maxSeconds = 300;
/** Durations of one second that percentiles are reckoned from: a fair choice of them. */
const maxDurations = 200;
/** Those of one tool. */
const maxToolDurations = 50;
/** Tools that are counted; names that nobody knows are none. */
const maxTools = 20_000;
/** Seconds that rates are the mean of, and those that percentiles of now are reckoned from. */
const [rateSeconds, nowSeconds] = [10, 60];

/** Counts of ended calls, by second, outcome, tool and stage: of all, or of one tenant. */
export class Tally {
  readonly stages = new StageTally();
  #calls = 0;
  #errors = 0;
  readonly #seconds: Second[] = [];
  readonly #outcomes = new Map<string, number>();
  readonly #tools = new Map<string, ToolCounts>();

  /** @param now epoch milliseconds */
  add(record: CallRecord, now: number): void {
    const failed = isError(record);
    const second = this.#second(Math.floor(now / 1000));
    second.calls++;
    this.#calls++;
    if (failed) {
      second.errors++;
      this.#errors++;
    }
    keep(second.durations, record.duration_ms, maxDurations, second.calls);
    this.#outcomes.set(record.outcome, (this.#outcomes.get(record.outcome) ?? 0) + 1);
    if (record.method === 'tools/call' && record.server !== undefined && record.target !== undefined)
      this.#addTool(record.target, record.duration_ms, failed);
    this.stages.add(record, second.at);
  }

  /** All there ever were. */
  get total(): { readonly calls: number; readonly errors: number } {
    return { calls: this.#calls, errors: this.#errors };
  }

  /** What became of the calls of a tool, by its exposed name. */
  tool(name: string): ToolCounts | undefined {
    return this.#tools.get(name);
  }

  get outcomes(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#outcomes);
  }

  topTools(
    count: number,
  ): readonly { readonly tool: string; readonly calls: number; readonly errors: number }[] {
    return [...this.#tools]
      .sort(([, a], [, b]) => b.calls - a.calls)
      .slice(0, count)
      .map(([tool, { calls, errors }]) => ({ tool, calls, errors }));
  }

  /** The last five minutes, a point a second, those without calls too. */
  history(now: number): readonly Point[] {
    const current = Math.floor(now / 1000);
    const known = new Map(this.#seconds.map((second) => [second.at, second]));
    return Array.from({ length: maxSeconds }, (_, index) => {
      const at = current - maxSeconds + index;
      return pointOf(known.get(at) ?? { at, calls: 0, errors: 0, durations: [] });
    });
  }

  /** Rates and percentiles of now, and the last whole second. */
  now(now: number) {
    const current = Math.floor(now / 1000);
    const last = (seconds: number) =>
      this.#seconds.filter(({ at }) => at >= current - seconds && at < current);
    const recent = last(rateSeconds);
    const sum = (of: (second: Second) => number) =>
      Math.round((recent.reduce((total, second) => total + of(second), 0) / rateSeconds) * 100) / 100;
    const [second] = last(1);
    return {
      calls_per_s: sum(({ calls }) => calls),
      errors_per_s: sum(({ errors }) => errors),
      ...percentiles(last(nowSeconds).flatMap(({ durations }) => durations)),
      point: pointOf(second ?? { at: current - 1, calls: 0, errors: 0, durations: [] }),
    };
  }

  #second(at: number): Second {
    const last = this.#seconds.at(-1);
    // A clock that was put back goes on in the second that it was in.
    if (last !== undefined && last.at >= at) return last;
    const second: Second = { at, calls: 0, errors: 0, durations: [] };
    this.#seconds.push(second);
    if (this.#seconds.length > maxSeconds) this.#seconds.shift();
    return second;
  }

  #addTool(name: string, durationMs: number, failed: boolean): void {
    let counts = this.#tools.get(name);
    if (counts === undefined) {
      if (this.#tools.size >= maxTools) return;
      this.#tools.set(name, (counts = { calls: 0, errors: 0, durations: [] }));
    }
    counts.calls++;
    if (failed) counts.errors++;
    if (counts.durations.length >= maxToolDurations)
      counts.durations[counts.calls % maxToolDurations] = durationMs;
    else counts.durations.push(durationMs);
  }
}

const pointOf = (second: Second): Point =>
  (second.point ??= {
    at: new Date(second.at * 1000).toISOString(),
    calls: second.calls,
    errors: second.errors,
    ...percentiles(second.durations),
  });

/** Each of all values has the same chance to be among those kept (reservoir sampling). */
const keep = (kept: number[], value: number, room: number, count: number): void => {
  if (kept.length < room) return void kept.push(value);
  const place = Math.floor(Math.random() * count);
  if (place < room) kept[place] = value;
};
