import { toLog } from '../sinks/toLog.js';
import { traceIdOf } from '../streams/traceIdOf.js';
import type { Exchange } from '../streams/exchange.js';
import type { Log } from '../streams/log.js';
import type { SessionsSeen } from './admin/inside/sessionsSeen.js';
import type { Metrics } from './metrics.js';
import type { Recording } from './recording.js';
import type { RecordingTraffic } from './recordingTraffic.js';
import type { LiveTracing } from './tracing.js';

/** All who are told of exchanges that have ended. */
export const endedCalls = (
  log: Log,
  metrics: Metrics,
  recorded: Recording,
  seen: Pick<SessionsSeen, 'ended'>,
  traced: LiveTracing | undefined,
  traffic: RecordingTraffic,
): ((exchange: Exchange) => void) => {
  const logged = toLog(log);
  return (exchange) => {
    // First: it says which trace the others speak of.
    traced?.ended(exchange);
    const trace = traceIdOf(exchange);
    logged(exchange, trace);
    recorded.ended(exchange, trace);
    traffic.ended(exchange);
    metrics.ended(exchange);
    seen.ended(exchange);
  };
};
