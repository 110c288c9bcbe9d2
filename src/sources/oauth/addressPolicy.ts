import { lookup as resolve, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { addressClass, type AddressClass } from './addressClass.js';
import { unauthorized } from './unauthorized.js';

/** Which addresses the gateway goes to because a document of somebody else names them. */
export interface AddressPolicy {
  /**
   * A URL that may be used, parsed.
   *
   * @param what how to call it in the message
   * @throws ERR_UPSTREAM_UNAUTHORIZED for one that may not
   */
  check(url: unknown, what: string): URL;
  /** Name resolution that gives only allowed addresses: what was checked is what is connected to. */
  readonly lookup: LookupFunction;
}

export interface AddressPolicyOptions {
  /** The MCP server as configured: where it lives, its authorization server may live. */
  readonly server: URL;
  /** Host names that the operator vouches for, lower case. */
  readonly allowedHosts: readonly string[];
}

/**
 * Guards against documents that lead the gateway into the network it stands in (SSRF).
 *
 * A URL must be https, or http on loopback when the server is on loopback too; its host must resolve to public addresses. A server
 * in a private network may name hosts in private networks, one on loopback any of both. The server's own host and allowed hosts
 * are exempt from all of this.
 */
export const addressPolicy = ({ server, allowedHosts }: AddressPolicyOptions): AddressPolicy => {
  const serverHost = bare(server.hostname);
  const exempt = new Set([...allowedHosts.map((host) => host.toLowerCase()), serverHost]);
  const serverClass = literalClass(serverHost);

  const fits = (address: string, home: AddressClass | undefined): boolean => {
    const found = addressClass(address);
    if (found === 'public') return true;
    if (found === 'special') return false;
    return home === 'loopback' || home === found;
  };

  const check = (given: unknown, what: string): URL => {
    const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : undefined;
    if (url === undefined) throw unauthorized(`${what} is no URL`);
    const host = bare(url.hostname);
    const http = url.protocol === 'http:';
    const local = literalClass(host) === 'loopback' && serverClass === 'loopback';
    const vouched = exempt.has(host) && (host !== serverHost || server.protocol === 'http:');
    if (url.protocol !== 'https:' && !(http && (local || vouched)))
      throw unauthorized(`${what} is not https, and not used`);
    if (url.username !== '' || url.password !== '')
      throw unauthorized(`${what} carries a password, and is not used`);
    if (!exempt.has(host) && isIP(host) !== 0 && !fits(host, serverClass))
      throw unauthorized(`${what} leads into a network where it may not: see \`allowed_hosts\``);
    return url;
  };

  const lookup: LookupFunction = (hostname, options, callback) => {
    const answer = (found: readonly LookupAddress[], home: AddressClass | undefined): void => {
      const allowed = exempt.has(hostname.toLowerCase())
        ? [...found]
        : found.filter(({ address }) => fits(address, home));
      const [first] = allowed;
      if (first === undefined)
        callback(Object.assign(new Error('address not allowed'), { code: 'ERR_ADDRESS' }), '', 0);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    };
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '', 0);
      const inside = found.some(({ address }) => addressClass(address) !== 'public');
      if (!inside || serverClass !== undefined) return answer(found, serverClass);
      // Only now it matters where the server itself lives.
      resolve(serverHost, { all: true }, (failure, homes) => {
        const [home] = failure === null ? homes : [];
        answer(found, home === undefined ? undefined : addressClass(home.address));
      });
    });
  };

  return { check, lookup };
};

/** A host as `net` writes it. */
const bare = (hostname: string): string => hostname.toLowerCase().replace(/^\[|\]$/g, '');

/** The class of a host that needs no name server; undefined for other names. */
const literalClass = (host: string): AddressClass | undefined => {
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback';
  return isIP(host) === 0 ? undefined : addressClass(host);
};
