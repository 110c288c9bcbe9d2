import { isIP } from 'node:net';
import { networkTest } from '../../streams/networkTest.js';

/** Hosts, addresses and networks, as the configuration lists them. */
export interface HostList {
  /** Whether a host is listed by its name, or by the address it leads to. */
  has(host: string, address: string): boolean;
  /** Whether this very address is listed, or its network. */
  hasAddress(address: string): boolean;
}

/** By the list itself: settings are read for each connection, and seldom change. */
const known = new WeakMap<readonly string[], HostList>();

/**
 * Compiles a list; the same list gives the same object.
 *
 * @param entries names (`*.` in front for all below), IP addresses, networks as `address/bits`
 */
export const hostList = (entries: readonly string[]): HostList => {
  const found = known.get(entries) ?? compile(entries);
  known.set(entries, found);
  return found;
};

const compile = (entries: readonly string[]): HostList => {
  const isNumeric = (entry: string): boolean => isIP(entry.split('/')[0] ?? '') > 0;
  const names = new Set(entries.filter((entry) => !isNumeric(entry)).map(plain));
  const hasAddress = networkTest(entries.filter(isNumeric));
  const hasName = (name: string): boolean =>
    names.has(name) || [...name.matchAll(/\./g)].some(({ index }) => names.has(`*${name.slice(index)}`));
  return {
    hasAddress,
    has: (host, address) => hasAddress(address) || (names.size > 0 && hasName(plain(host))),
  };
};

/** A name as it is compared: DNS knows no case, and a dot at the end says no more than none. */
const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '');
