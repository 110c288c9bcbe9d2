import { toLog } from '../sinks/toLog.js';
import type { Exchange } from '../streams/exchange.js';
import type { Log } from '../streams/log.js';
import type { Metrics } from './metrics.js';

/** All who are told of exchanges that have ended. */
export const endedCalls = (log: Log, metrics: Metrics): ((exchange: Exchange) => void) => {
  const logged = toLog(log);
  return (exchange) => {
    logged(exchange);
    metrics.ended(exchange);
  };
};
