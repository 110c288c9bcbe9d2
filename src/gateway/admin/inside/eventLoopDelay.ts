import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';

let histogram: IntervalHistogram | undefined;

/** How late this process comes to what is due, at worst in 99 of 100 cases since it was last asked; milliseconds. Watched from the first asking on. */
export const eventLoopDelay = (): number => {
  if (histogram === undefined) {
    histogram = monitorEventLoopDelay({ resolution: 20 });
    histogram.enable();
    return 0;
  }
  const { count } = histogram;
  const late = count === 0 ? 0 : histogram.percentile(99) / 1e6;
  histogram.reset();
  return Math.round(Math.max(0, late - 20) * 100) / 100;
};
