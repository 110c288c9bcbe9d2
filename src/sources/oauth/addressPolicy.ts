import { isIP } from 'node:net';
import type { NetworkSettings } from '../../config/networkSettings.js';
import { addressClass, type AddressClass } from '../network/addressClass.js';
import { addressGuard, type AddressGuard } from '../network/addressGuard.js';
import { hostList } from '../network/hostList.js';
import { unauthorized } from './unauthorized.js';

/** Which addresses the gateway goes to because a document of somebody else names them. */
export interface AddressPolicy extends AddressGuard {
  /**
   * A URL that may be used, parsed.
   *
   * @param what how to call it in the message
   * @throws ERR_UPSTREAM_UNAUTHORIZED for one that may not
   */
  check(url: unknown, what: string): URL;
}

export interface AddressPolicyOptions {
  /** The server as configured: where it lives, its authorization server may live. */
  readonly server: URL;
  /** Host names that the operator vouches for. */
  readonly allowedHosts: readonly string[];
  /** What the configuration says for all; the cautious default if not given. */
  readonly rules?: () => NetworkSettings;
}

/**
 * Guards against documents that lead the gateway into the network it stands in (SSRF).
 *
 * A URL must be https, or http on loopback when the server is on loopback too; where it leads is for {@link addressGuard} to say. The
 * server's own host and allowed hosts are exempt from all of this.
 */
export const addressPolicy = ({
  server,
  allowedHosts,
  rules = byDefault,
}: AddressPolicyOptions): AddressPolicy => {
  const serverHost = bare(server.hostname);
  const home = literalClass(serverHost);
  const vouched = [...allowedHosts, serverHost];
  const isVouchedFor = (host: string): boolean =>
    hostList(vouched).has(host, host) || hostList(rules().allowed).has(host, host);

  const guard = addressGuard({ namedBy: server, vouched, rules });

  const check = (given: unknown, what: string): URL => {
    const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : undefined;
    if (url === undefined) throw unauthorized(`${what} is no URL`);
    const host = bare(url.hostname);
    const local = literalClass(host) === 'loopback' && home === 'loopback';
    const vouchedFor = isVouchedFor(host) && (host !== serverHost || server.protocol === 'http:');
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && (local || vouchedFor)))
      throw unauthorized(`${what} is not https, and not used`);
    if (url.username !== '' || url.password !== '')
      throw unauthorized(`${what} carries a password, and is not used`);
    // Names are looked at when they are connected to; a person's browser is sent to addresses of which that is not known.
    if (isIP(host) !== 0 && !guard.admits(host, home))
      throw unauthorized(`${what} leads into a network where it may not: see \`allowed_hosts\``);
    return url;
  };
  return { ...guard, check };
};

const cautious: NetworkSettings = { private: 'origin', allowed: [], denied: [] };
const byDefault = (): NetworkSettings => cautious;

/** A host as `net` writes it. */
const bare = (hostname: string): string => hostname.toLowerCase().replace(/^\[|\]$/g, '');

/** The class of a host that needs no name server; undefined for other names. */
const literalClass = (host: string): AddressClass | undefined => {
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback';
  return isIP(host) === 0 ? undefined : addressClass(host);
};
