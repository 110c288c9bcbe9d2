import { createHash } from 'node:crypto';
import type { Registry } from 'prom-client';
import type { Observable } from 'rxjs';
import type { Diagnostic } from '../../config/configError.js';
import { Secret } from '../../config/secret.js';
import type { Settings } from '../../config/settings.js';
import type { CallRecord } from '../../protocol/audit/callRecord.js';
import type { Analytics } from '../../sinks/analytics/analytics.js';
import { select, type Latest } from '../../streams/latest.js';
import type { Log } from '../../streams/log.js';
import { adminServer, type AdminServer } from '../adminServer.js';
import type { PlaceOf } from '../explain/located.js';
import type { Health } from '../health.js';
import { adminConsole } from './adminConsole.js';
import { consoleApi } from './consoleApi.js';
import { Entry } from './entry.js';
import { noted } from './noted.js';
import { oidcSignIn } from './oidcSignIn.js';
import type { Insiders } from './questions.js';

export interface AdminSideOptions {
  readonly log: Log;
  readonly version: string;
  /** The id of the gateway among others. */
  readonly gateway?: string | undefined;
  /** A key for this run of the program, good while the configuration has no way in. */
  readonly runKey?: string | undefined;
  readonly health: () => Health | Promise<Health>;
  readonly metrics: () => Registry | Promise<Registry>;
  /** What is wrong with a configuration; undefined where the program has no file to compare with. */
  readonly checkConfiguration?: ((text: string) => readonly Diagnostic[]) | undefined;
  /** As configured, without what was discovered. */
  readonly configured: Latest<Settings>;
  readonly insiders: Insiders;
  /** Finds lines of the configuration. */
  readonly placeOf?: PlaceOf | undefined;
  readonly records$: Observable<CallRecord>;
  readonly analytics?: Analytics | undefined;
}

/** Everything on the admin listener: probes, metrics, the console and its API. */
export const adminSide = (settings: Latest<Settings>, options: AdminSideOptions): AdminServer => {
  const { log, runKey, health, metrics } = options;
  const entry = new Entry({
    settings,
    now: Date.now,
    tell: (event) => noted(event, { insiders: options.insiders, log }),
    ...(runKey !== undefined && {
      runKey: {
        name: 'terminal',
        role: 'admin',
        digest: new Secret(createHash('sha256').update(runKey).digest()),
      },
    }),
  });
  const api = consoleApi({ ...options, settings, entry, now: Date.now });
  const oidc = oidcSignIn({ settings, entry, now: Date.now });
  const guarded = select(settings, ({ admin, http }) => ({
    allowedHosts: [
      ...http.allowedHosts,
      admin.host,
      ...(admin.publicOrigin === undefined ? [] : [new URL(admin.publicOrigin).hostname]),
    ],
    allowedOrigins: [
      ...http.allowedOrigins,
      ...(admin.publicOrigin === undefined ? [] : [admin.publicOrigin]),
    ],
  }));
  const server = adminServer(
    settings.current,
    health,
    () => guarded.current,
    metrics,
    adminConsole({ ...options, entry, oidc, routes: api.routes }),
  );
  return {
    listen: () => server.listen(),
    close() {
      api.close();
      oidc.close();
      entry.signIns.closeAll();
      return server.close();
    },
  };
};
