import type { IncomingMessage } from 'node:http';

/**
 * What a cookie of the console is called. Cookies know no ports: without TLS, which allows the prefix that binds one to this very host
 * (RFC 6265bis, 4.1.3), the port is in its name, so that two gateways on one machine do not sign each other's people out.
 */
export const cookieName = (what: string, { socket }: IncomingMessage, secure: boolean): string =>
  secure ? `__Host-sluice-${what}` : `sluice-${what}-${socket.localPort ?? 0}`;
