/** What half, 95 and 99 of a hundred durations do not exceed, in milliseconds; nothing where there are none. */
export interface Percentiles {
  readonly p50_ms?: number;
  readonly p95_ms?: number;
  readonly p99_ms?: number;
}

/** @param durations in any order; they are not changed */
export const percentiles = (durations: readonly number[]): Percentiles => {
  if (durations.length === 0) return {};
  const sorted = Float64Array.from(durations).sort();
  const at = (share: number): number =>
    Math.round((sorted[Math.ceil(share * sorted.length) - 1] ?? 0) * 1000) / 1000;
  return { p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99) };
};
