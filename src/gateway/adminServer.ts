import type { Registry } from 'prom-client';
import type { Settings } from '../config/settings.js';
import type { GuardOptions } from '../sources/http/guard.js';
import type { AdminConsole } from './admin/adminConsole.js';
import { adminListener } from './adminListener.js';
import type { Health } from './health.js';
import { closed, httpServer, listen } from './httpServer.js';

/** The server for those who look after the gateway. */
export interface AdminServer {
  /** Resolves with its base URL. Rejects with a `ListenError`. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

/** Scrapers and probes; more than some are a mistake. */
const maxConnections = 100;

/** Makes it; see {@link adminListener} for what it answers. */
export const adminServer = (
  { admin, http: { requestTimeoutMs } }: Settings,
  health: () => Health | Promise<Health>,
  options: () => GuardOptions,
  metrics: () => Registry | Promise<Registry>,
  console?: AdminConsole,
): AdminServer => {
  const server = httpServer(
    { ...admin, requestTimeoutMs, maxConnections },
    adminListener(health, options, metrics, console),
  );
  return {
    listen: () => listen(server, admin),
    close() {
      const stopped = closed(server);
      server.closeAllConnections();
      return stopped;
    },
  };
};
