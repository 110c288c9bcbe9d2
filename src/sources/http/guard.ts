import type { IncomingMessage } from 'node:http';
import { refusal } from '../../protocol/errors.js';

export interface GuardOptions {
  /** Host names this listener answers to, besides the loopback ones; `*` for any. */
  readonly allowedHosts: readonly string[];
  /** Origins of web pages that may call, besides pages on loopback hosts; `*` for any. */
  readonly allowedOrigins: readonly string[];
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

/**
 * Refuses what a DNS-rebinding page would send: a foreign `Host` or `Origin` (2025-11-25: transports, security warning).
 *
 * @throws GatewayError `ERR_ORIGIN_FORBIDDEN` (403)
 */
export const guard = ({ headers }: IncomingMessage, { allowedHosts, allowedOrigins }: GuardOptions): void => {
  const { host, origin } = headers;
  if (host === undefined || !isAllowedHost(host, allowedHosts))
    throw refusal('ERR_ORIGIN_FORBIDDEN', 'This Host is not allowed; see http.allowed_hosts');
  if (origin !== undefined && !isAllowedOrigin(origin, allowedOrigins))
    throw refusal('ERR_ORIGIN_FORBIDDEN', 'This Origin is not allowed; see http.allowed_origins');
};

const isAllowedHost = (host: string, allowed: readonly string[]): boolean => {
  if (allowed.includes('*')) return true;
  const name = host.toLowerCase().replace(/:\d{1,5}$/, '');
  return loopback.has(name) || allowed.some((each) => bare(each) === bare(name));
};

/** A host name as it is compared: an IPv6 address has brackets in a header, and often none in a configuration. */
const bare = (name: string): string => name.toLowerCase().replace(/^\[(.*)\]$/, '$1');

/** Whether a page of that origin may call; also decides what CORS answers. */
export const isAllowedOrigin = (origin: string, allowed: readonly string[]): boolean => {
  if (allowed.includes('*') || allowed.includes(origin)) return true;
  try {
    return loopback.has(new URL(origin).hostname);
  } catch {
    return false;
  }
};
