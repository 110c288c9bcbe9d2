import { Counter, Gauge, type Registry } from 'prom-client';
import type { Observable } from 'rxjs';
import type { Settings } from '../config/settings.js';
import type { CallRecord } from '../protocol/audit/callRecord.js';
import type { AnalyticsState } from '../sinks/analytics/analytics.js';
import { openAnalytics, type OpenedAnalytics } from '../sinks/analytics/openAnalytics.js';
import type { Log } from '../streams/log.js';

export interface AnalyticsOfOptions {
  readonly records$: Observable<CallRecord>;
  readonly log: Log;
  /** The number of this process among several: the first of them keeps the calls of all. */
  readonly worker?: number | undefined;
  readonly registry: Registry;
}

/** Opens the analytics that the settings ask for at the start of the gateway; undefined for none. */
export const analyticsOf = (
  { analytics: settings }: Settings,
  { records$, log, worker, registry }: AnalyticsOfOptions,
): OpenedAnalytics | undefined => {
  if (settings === undefined || worker !== undefined) return undefined;
  const analytics = openAnalytics({ settings, records$, log });
  measure(registry, () => analytics.state);
  return analytics;
};

const measure = (registry: Registry, state: () => AnalyticsState): void => {
  const registers = [registry];
  const counter = (name: string, help: string, value: (state: AnalyticsState) => number): void => {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value(state()));
      },
    });
  };
  const gauge = (name: string, help: string, value: (state: AnalyticsState) => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value(state()));
      },
    });
  };
  counter('mcp_gateway_analytics_stored_total', 'Calls that analytics has stored.', ({ stored }) => stored);
  counter(
    'mcp_gateway_analytics_dropped_total',
    'Calls that analytics found no room for, because they could not be stored for too long.',
    ({ dropped }) => dropped,
  );
  counter(
    'mcp_gateway_analytics_restarts_total',
    'Times that the process of analytics had to be started anew.',
    ({ restarts }) => restarts,
  );
  gauge('mcp_gateway_analytics_pending', 'Calls that wait to be stored.', ({ pending }) => pending);
  gauge('mcp_gateway_analytics_bytes', 'What the files of analytics take.', ({ bytes }) => bytes);
};
