import type { Observable } from 'rxjs';
import type { Diagnostic } from '../../config/configError.js';
import type { Settings } from '../../config/settings.js';
import type { CallRecord } from '../../protocol/audit/callRecord.js';
import type { Analytics } from '../../sinks/analytics/analytics.js';
import type { Latest } from '../../streams/latest.js';
import type { Log } from '../../streams/log.js';
import type { PlaceOf } from '../explain/located.js';
import { CallWatch } from './callWatch.js';
import { configurationChange } from './configurationChange.js';
import type { Entry } from './entry.js';
import { LiveEvents } from './liveEvents.js';
import { noted } from './noted.js';
import { overview } from './overview.js';
import { pipelinePicture } from './pipelinePicture.js';
import type { Insiders } from './questions.js';
import type { Route } from './route.js';
import { analyticsRoutes } from './routes/analyticsRoutes.js';
import { callRoutes } from './routes/callRoutes.js';
import { configurationRoutes } from './routes/configurationRoutes.js';
import { explainRoutes } from './routes/explainRoutes.js';
import { insideRoutes } from './routes/insideRoutes.js';
import { liveRoutes } from './routes/liveRoutes.js';
import { serverRoutes } from './routes/serverRoutes.js';
import { topicSources } from './topicSources.js';

export interface ConsoleApiOptions {
  /** As in force, with what was discovered. */
  readonly settings: Latest<Settings>;
  /** As configured, without what was discovered. */
  readonly configured: Latest<Settings>;
  readonly insiders: Insiders;
  /** Finds lines of the configuration. */
  readonly placeOf?: PlaceOf | undefined;
  readonly records$: Observable<CallRecord>;
  /** Undefined where the configuration keeps none. */
  readonly analytics?: Analytics | undefined;
  readonly entry: Entry;
  /** What is wrong with a configuration; undefined where the program has no file to compare with. */
  readonly checkConfiguration?: ((text: string) => readonly Diagnostic[]) | undefined;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** What the admin API answers. */
export interface ConsoleApi {
  readonly routes: readonly Route[];
  close(): void;
}

/** Wires what the console shows to where it comes from. */
export const consoleApi = (options: ConsoleApiOptions): ConsoleApi => {
  const {
    settings,
    configured,
    insiders,
    placeOf = () => undefined,
    records$,
    analytics,
    entry,
    log,
    now,
  } = options;
  const change = configurationChange(configured, now);
  const changes = () => change.current;
  const watch = new CallWatch({ settings: configured, records$, isOpen: () => entry.isOpen, now });
  const seen = overview({ insiders, watch, now });
  const pipeline = (tenant: string | undefined) =>
    pipelinePicture(watch.tally(tenant), Math.floor(now() / 1000));
  const events = new LiveEvents({
    sources: topicSources({
      overview: seen,
      watch,
      insiders,
      pipeline,
      configuration: changes,
    }),
    isKnown: (person) => entry.isKnown(person),
    sweep: () => entry.signIns.sweep(),
    log,
  });
  return {
    routes: [
      ...liveRoutes({ overview: seen, events, watch, pipeline }),
      ...serverRoutes(insiders, watch),
      ...callRoutes(watch),
      ...analyticsRoutes(analytics, log),
      ...insideRoutes(insiders, watch, (event) => noted(event, { insiders, log })),
      ...configurationRoutes({ settings, changes, check: options.checkConfiguration }),
      ...explainRoutes(insiders, placeOf),
    ],
    close() {
      events.close();
      watch.close();
      change.close();
    },
  };
};
