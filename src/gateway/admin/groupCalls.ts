import { isError } from './isError.js';
import { percentiles } from './percentiles.js';
import type { RecentCall } from './recentCalls.js';
import { callField, type CallField } from './callField.js';

/** Most groups that are given; the largest. */
const maxGroups = 1000;

/** Calls grouped by who made them, what was called, …: the most frequent first. @param calls the newest first */
export const groupCalls = (calls: Iterable<RecentCall>, by: CallField) => {
  const of = callField(by);
  const groups = new Map<
    string | null,
    { calls: number; errors: number; first: string; last: string; durations: number[] }
  >();
  for (const { record } of calls) {
    const key = of(record) ?? null;
    let group = groups.get(key);
    if (group === undefined)
      groups.set(
        key,
        (group = { calls: 0, errors: 0, first: record.time, last: record.time, durations: [] }),
      );
    group.calls++;
    if (isError(record)) group.errors++;
    group.first = record.time;
    group.durations.push(record.duration_ms);
  }
  const sorted = [...groups].sort(([, a], [, b]) => b.calls - a.calls).slice(0, maxGroups);
  return {
    groups: sorted.map(([key, { durations, ...group }]) => ({
      key,
      ...group,
      p95_ms: percentiles(durations).p95_ms,
    })),
    total: groups.size,
  };
};
