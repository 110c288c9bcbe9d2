import { collectDefaultMetrics, Registry } from 'prom-client';

let shared: Registry | undefined;

/** Memory, event loop, garbage collection. Watched from the first reading on, once for all gateways of a process. */
export const processMetrics = (): Registry => {
  if (shared === undefined) collectDefaultMetrics({ register: (shared = new Registry()) });
  return shared;
};
