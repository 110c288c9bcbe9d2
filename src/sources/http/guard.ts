import type { IncomingMessage } from 'node:http';
import { refusal } from '../../protocol/errors.js';
import { refuseRepeated } from './refuseRepeated.js';
import { relayedRequests } from './relayedRequests.js';

export interface GuardOptions {
  /** Host names this listener answers to, besides the loopback ones; `*` for any. */
  readonly allowedHosts: readonly string[];
  /** Origins of web pages that may call, besides pages of the host called and of loopback hosts; `*` for any. */
  readonly allowedOrigins: readonly string[];
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

/**
 * Refuses what a DNS-rebinding page would send: a foreign `Host` or `Origin` (2025-11-25: transports, security warning).
 *
 * @throws GatewayError `ERR_ORIGIN_FORBIDDEN` (403), `ERR_INVALID_REQUEST` for a header that is there twice,
 *   `ERR_CREDENTIAL_MALFORMED` (400) for a credential in the URL
 */
export const guard = (request: IncomingMessage, { allowedHosts, allowedOrigins }: GuardOptions): void => {
  // It was judged where it came in, by the names of that listener.
  if (relayedRequests.has(request)) return;
  refuseRepeated(request);
  const { headers, url = '/' } = request;
  const host = guardHost(headers.host, allowedHosts);
  const { origin } = headers;
  if (origin !== undefined && !isAllowedOrigin(origin, allowedOrigins) && !isSameHost(origin, host))
    throw refusal('ERR_ORIGIN_FORBIDDEN', 'This Origin is not allowed; see http.allowed_origins');
  // Addresses end up in histories and logs (2025-11-25: authorization, access token usage).
  if (url.includes('?') && tokenInQuery.test(url))
    throw refusal('ERR_CREDENTIAL_MALFORMED', 'A credential in the URL is not accepted: send it as a header');
};

/**
 * The `Host` of a request, found allowed.
 *
 * @throws GatewayError `ERR_ORIGIN_FORBIDDEN` (403)
 */
export const guardHost = (host: string | undefined, allowedHosts: readonly string[]): string => {
  if (host === undefined || !isAllowedHost(host, allowedHosts))
    throw refusal('ERR_ORIGIN_FORBIDDEN', 'This Host is not allowed; see http.allowed_hosts');
  return host;
};

const tokenInQuery = /[?&](access_token|api_key|apikey|x-api-key|authorization|token)=/i;

/** A page of the very host that is called; that the host is allowed has been checked. */
const isSameHost = (origin: string, host: string): boolean => {
  try {
    return new URL(origin).host === host.toLowerCase();
  } catch {
    return false; // `null`, or no origin at all
  }
};

/** Clients name the same host in every request: the last verdict is nearly always the one wanted. */
let last:
  { readonly host: string; readonly allowed: readonly string[]; readonly verdict: boolean } | undefined;

const isAllowedHost = (host: string, allowed: readonly string[]): boolean => {
  if (last?.host !== host || last.allowed !== allowed)
    last = { host, allowed, verdict: judgeHost(host, allowed) };
  return last.verdict;
};

const judgeHost = (host: string, allowed: readonly string[]): boolean => {
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
    return false; // `null`, or no origin at all
  }
};
