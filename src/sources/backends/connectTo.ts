import { buildConnector } from 'undici';
import { limits } from '../../config/limits.js';
import type { Place } from '../../streams/balancing/places.js';

/**
 * How a pool opens its connections: to where the host of its origin leads, or to the given address in its place. The `Host` of requests,
 * the name asked for in TLS (SNI) and the one looked for in the certificate are the origin's in either case.
 *
 * @param timeout longest time for opening one, TLS included, in milliseconds
 */
export const connectTo = (
  timeout: number,
  at?: Place['at'],
): buildConnector.BuildOptions | buildConnector.connector => {
  const options = { timeout, keepAliveInitialDelay: limits.tcpKeepAliveMs };
  if (at === undefined) return options;
  const connect = buildConnector(options);
  return (origin, done) => connect({ ...origin, hostname: at.host, port: String(at.port) }, done);
};
