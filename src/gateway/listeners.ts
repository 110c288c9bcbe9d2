import type { RequestListener, Server } from 'node:http';
import type { Settings } from '../config/settings.js';
import { httpServer, listen } from './httpServer.js';

/** Where clients come in, and where operators do. */
export interface Listeners {
  readonly server: Server;
  readonly admin: Server;
  /** Opens both and gives their base URLs. Rejects with a `ListenError`. */
  open(): Promise<{ readonly base: string; readonly adminUrl: string }>;
}

/** Operators, probes and what gathers metrics: few. */
const maxAdminConnections = 100;

/** The HTTP servers that the settings name, not listening yet. @param ofAdmin answers what comes to the admin listener */
export const listeners = (settings: Settings, ofAdmin: RequestListener): Listeners => {
  const { requestTimeoutMs, maxConnections } = settings.http;
  const own = { ...settings.listen, requestTimeoutMs, maxConnections };
  const ofOperators = { ...settings.admin, requestTimeoutMs, maxConnections: maxAdminConnections };
  const server = httpServer(own);
  const admin = httpServer(ofOperators, ofAdmin);
  return {
    server,
    admin,
    open: async () => ({ base: await listen(server, own), adminUrl: await listen(admin, ofOperators) }),
  };
};
