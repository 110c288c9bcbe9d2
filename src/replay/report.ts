import type { Histogram } from 'hdr-histogram-js';
import type { Stretch } from './series.js';
import type { Tally } from './tally.js';

/** Latency in milliseconds. */
export interface Latency {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** A point of a distribution: so many percent took no longer than that, in milliseconds. */
export type Percentile = readonly [percent: number, ms: number];

/** What became of the calls of one name. */
export interface NameReport {
  readonly name: string;
  readonly calls: number;
  readonly matched: number;
  readonly different: number;
  readonly failed: number;
  readonly uncompared: number;
  readonly latency_ms: Latency;
}

/** What a replay has found, as it is written to files: the baseline of a later one. */
export interface ReplayReport {
  readonly kind: 'replay';
  readonly version: 1;
  readonly finished_at: string;
  readonly recordings: readonly string[];
  readonly target: string;
  /** `1x`, `max`, … */
  readonly rate: string;
  readonly users: number;
  readonly seconds: number;
  readonly calls: number;
  readonly matched: number;
  readonly different: number;
  readonly failed: number;
  /** Why calls were not compared, and how many. */
  readonly uncompared: Readonly<Record<string, number>>;
  readonly per_second: number;
  /** Most by which a call was sent later than it was to be. */
  readonly late_ms: number;
  /** From when a call was to be sent, so that no waiting is left out. */
  readonly latency_ms: Latency;
  /** From when it was sent. */
  readonly service_ms: Latency;
  readonly percentiles: readonly Percentile[];
  readonly by_name: readonly NameReport[];
  readonly differences: readonly {
    readonly name: string;
    readonly at: string;
    readonly count: number;
    /** The first call with it. */
    readonly call: number;
    readonly expected: string;
    readonly actual: string;
  }[];
  readonly series: readonly Stretch[];
  readonly warnings: readonly string[];
}

/** What is known of a replay besides what it has found. */
export interface ReplayedWhat {
  readonly recordings: readonly string[];
  readonly target: string;
  readonly rate: string;
  readonly users: number;
}

/** Longest text of a value in a report. */
const maxShown = 300;

/** What a replay has found so far. */
export const report = (tally: Tally, what: ReplayedWhat): ReplayReport => ({
  kind: 'replay',
  version: 1,
  finished_at: new Date().toISOString(),
  ...what,
  seconds: rounded(tally.seconds),
  calls: tally.calls,
  matched: tally.matched,
  different: tally.different,
  failed: tally.failed,
  uncompared: Object.fromEntries(tally.uncompared),
  per_second: rounded(tally.calls / Math.max(tally.seconds, 0.001)),
  late_ms: rounded(tally.lateMs),
  latency_ms: latencyOf(tally.latency),
  service_ms: latencyOf(tally.service),
  percentiles: percentilesOf(tally.latency),
  by_name: [...tally.byName.values()]
    .sort((one, other) => other.calls - one.calls || (one.name < other.name ? -1 : 1))
    .map(({ latency, ...counts }) => ({ ...counts, latency_ms: latencyOf(latency) })),
  differences: [...tally.differences.values()].map(({ name, at, count, n, expected, actual }) => ({
    name,
    at,
    count,
    call: n,
    expected: shown(expected),
    actual: shown(actual),
  })),
  series: tally.series.stretches,
  warnings: [...tally.warnings],
});

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

const latencyOf = (histogram: Histogram): Latency => {
  const at = (percent: number): number =>
    histogram.totalCount === 0 ? 0 : histogram.getValueAtPercentile(percent) / 1000;
  return {
    mean: histogram.totalCount === 0 ? 0 : rounded(histogram.mean / 1000),
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    max: at(100),
  };
};

/** Closer and closer to all of them, as far as there are so many. */
const percentilesOf = (histogram: Histogram): readonly Percentile[] => {
  const percents = [0, 10, 25, 50];
  for (let left = 50; left > 100 / Math.max(histogram.totalCount, 1); left /= 2)
    percents.push(100 - left / 2);
  return histogram.totalCount === 0
    ? []
    : [...percents, 100].map((percent) => [percent, histogram.getValueAtPercentile(percent) / 1000]);
};

const shown = (value: unknown): string => {
  const text = value === undefined ? '(nothing)' : JSON.stringify(value);
  return text.length <= maxShown ? text : `${text.slice(0, maxShown)}…`;
};
