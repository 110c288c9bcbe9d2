import { toLog } from '../sinks/toLog.js';
import { traceIdOf } from '../sinks/traceIdOf.js';
import type { Exchange } from '../streams/exchange.js';
import type { Log } from '../streams/log.js';
import type { Auditing } from './auditing.js';
import type { Metrics } from './metrics.js';

/** All who are told of exchanges that have ended. */
export const endedCalls = (log: Log, metrics: Metrics, audit: Auditing): ((exchange: Exchange) => void) => {
  const logged = toLog(log);
  return (exchange) => {
    const trace = traceIdOf(exchange);
    logged(exchange, trace);
    audit.ended(exchange, trace);
    metrics.ended(exchange);
  };
};
