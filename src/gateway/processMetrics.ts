import { collectDefaultMetrics, Registry } from 'prom-client';

let shared: Registry | undefined;

/** Gauges with the names of counters; each is the sum of one by `type` that stays. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Memory, event loop, garbage collection. Watched from the first reading on, once for all gateways of a process. */
export const processMetrics = (): Registry => {
  if (shared === undefined) {
    collectDefaultMetrics({ register: (shared = new Registry()) });
    for (const name of misnamed) shared.removeSingleMetric(name);
  }
  return shared;
};
