import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import { limits } from '../../config/limits.js';
import type { ClientTlsSettings } from '../../config/clientTlsSettings.js';
import type { Place } from '../../streams/balancing/places.js';
import type { AddressGuard } from '../network/addressGuard.js';

/** How the connections to an instance are opened. */
export interface Way {
  /** Where they go, if not to where the host of the URL leads. */
  readonly at?: Place['at'];
  /** Where they may go; undefined for anywhere. */
  readonly guard?: AddressGuard | undefined;
  /** Whom to trust and what to show over TLS. */
  readonly tls?: ClientTlsSettings | undefined;
}

/**
 * How a pool opens its connections: to where the host of its origin leads, or to the given address in its place. The `Host` of requests,
 * the name asked for in TLS (SNI) and the one looked for in the certificate are the origin's in either case.
 *
 * @param timeout longest time for opening one, TLS included, in milliseconds
 */
export const connectTo = (timeout: number, { at, guard, tls }: Way = {}): buildConnector.connector => {
  const connect = buildConnector({
    timeout,
    keepAliveInitialDelay: limits.tcpKeepAliveMs,
    ...(guard !== undefined && { lookup: guard.lookup }),
    ...(tls !== undefined && tlsOptions(tls)),
  });
  return (origin, done) => {
    const there = at === undefined ? origin : { ...origin, hostname: at.host, port: String(at.port) };
    // Node looks up names only: an address goes past `lookup`.
    const address = there.hostname.replace(/^\[|\]$/g, '');
    if (guard === undefined || isIP(address) === 0) return connect(there, done);
    guard.lookup(address, {}, (error) => (error === null ? connect(there, done) : done(error, null)));
  };
};

const tlsOptions = ({ ca, cert, key, serverName }: ClientTlsSettings) => ({
  ...(ca !== undefined && { ca }),
  ...(cert !== undefined && { cert }),
  ...(key !== undefined && { key: Buffer.from(key.reveal()) }),
  ...(serverName !== undefined && { servername: serverName }),
});
