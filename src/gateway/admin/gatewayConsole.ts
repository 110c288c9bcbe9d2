import { NEVER, type Observable } from 'rxjs';
import type { Settings } from '../../config/settings.js';
import type { CallRecord } from '../../protocol/audit/callRecord.js';
import type { Analytics } from '../../sinks/analytics/analytics.js';
import type { Pipeline } from '../../streams/exchange.js';
import type { Identify } from '../../streams/identify.js';
import type { Latest } from '../../streams/latest.js';
import type { ServeEachOptions } from '../../streams/serveEach.js';
import type { AdminServer } from '../adminServer.js';
import type { GatewayOptions } from '../gatewayOptions.js';
import type { Metrics } from '../metrics.js';
import type { Stores } from '../stores.js';
import { adminSide } from './adminSide.js';
import { insideOf, type InsideParts } from './inside/insideOf.js';
import { SessionsSeen } from './inside/sessionsSeen.js';
import { trying } from './inside/trying.js';
import { insidersOf } from './insidersOf.js';
import type { Inside } from './questions.js';

export interface GatewayConsoleOptions extends Pick<
  InsideParts,
  'settings' | 'catalog' | 'calls' | 'health' | 'note'
> {
  readonly configured: Latest<Settings>;
  readonly policies: InsideParts['judging'];
  readonly stores: Stores;
  readonly measured: Metrics;
  readonly records$: Observable<CallRecord>;
  /** Undefined where the configuration keeps none. */
  readonly analytics: Analytics | undefined;
  readonly identify: Identify;
  /** Where tried calls go, and who explains what would become of one; it is there when somebody asks. */
  readonly way: () => {
    readonly pipelines: Latest<Pipeline>;
    readonly serving: ServeEachOptions;
    readonly explain: Inside['explain'];
  };
}

/** The console of a gateway that is one process, or what a worker has to say to that of the first process. */
export interface GatewayConsole {
  readonly admin: AdminServer;
  readonly inside: Inside;
  /** To be told of calls and sessions that have ended. */
  readonly seen: SessionsSeen;
  /** Who calls, with those among them who try tools in the console. */
  readonly identify: Identify;
}

/** Wires the console to the gateway. */
export const gatewayConsole = (parts: GatewayConsoleOptions, options: GatewayOptions): GatewayConsole => {
  const { settings, stores, measured, policies, identify, way } = parts;
  const seen = new SessionsSeen(stores.sessions);
  const tried = trying(identify, options.version);
  const inside = insideOf({
    ...parts,
    judging: policies,
    sessions: stores.sessions,
    counters: stores.counters,
    seen,
    explain: (question) => way().explain(question),
    call(question) {
      const { pipelines, serving } = way();
      return tried.call(question, pipelines, serving);
    },
    cancel: tried.cancel,
  });
  const admin = adminSide(settings, {
    ...options,
    ...parts,
    // A worker has no listener of its own: the first process does, and remembers the calls of all.
    records$: options.door === undefined ? parts.records$ : NEVER,
    gateway: stores.homes?.self,
    metrics: measured.registry,
    insiders: insidersOf(inside),
  });
  return { admin, inside, seen, identify: tried.identify };
};
