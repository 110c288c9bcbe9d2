import { lookup as askSystem, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { NetworkSettings } from '../../config/networkSettings.js';
import { addressClass, type AddressClass } from './addressClass.js';
import { hostList } from './hostList.js';

/** Keeps connections to where they may go. */
export interface AddressGuard {
  /**
   * Name resolution that gives only allowed addresses, of names and of addresses alike: what was checked is what is connected to.
   * Fails with the code `ERR_ADDRESS` where there is none.
   */
  readonly lookup: LookupFunction;
  /**
   * Whether an address may be connected to, without asking anybody.
   *
   * @param home the kind of address of whoever names it; undefined where that is not known
   */
  admits(address: string, home: AddressClass | undefined): boolean;
}

export interface AddressGuardOptions {
  /** Who names the hosts that are asked for; undefined for the configuration, which may name what it wants. */
  readonly namedBy: URL | undefined;
  /** Hosts the operator vouches for, which may lead anywhere. */
  readonly vouched: readonly string[];
  /** Read anew for every connection. */
  readonly rules: () => NetworkSettings;
  /** As `dns.lookup`, which it is by default. */
  readonly resolve?: LookupAll;
}

type LookupAll = (
  host: string,
  options: { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

/**
 * Guards against registrations and documents that lead the gateway into the network it stands in (SSRF).
 *
 * Who names an address may name public ones, and others of the kind it is at itself: a registry in a private network names private
 * addresses, one on loopback both. Link-local and reserved ones nobody may name, and those of cloud metadata are only connected to
 * where the configuration has them letter by letter, whatever a name of the configuration resolves to.
 */
export const addressGuard = ({
  namedBy,
  vouched,
  rules,
  resolve = askSystem,
}: AddressGuardOptions): AddressGuard => {
  const own = hostList(vouched);

  const fits = (host: string, address: string, home: AddressClass | undefined): boolean => {
    const { private: inside, allowed, denied } = rules();
    if (hostList(denied).has(host, address)) return false;
    if (own.hasAddress(address) || hostList(allowed).hasAddress(address)) return true;
    const found = addressClass(address);
    if (found === 'metadata') return false;
    if (namedBy === undefined || own.has(host, address) || hostList(allowed).has(host, address)) return true;
    if (found === 'public') return true;
    if (found === 'special' || inside === 'deny') return false;
    return inside === 'allow' || home === 'loopback' || home === found;
  };

  /** Where whoever names the address is at home; asked for only where it matters. */
  const home = (found: readonly LookupAddress[], done: (home: AddressClass | undefined) => void): void => {
    const matters = found.some(({ address }) => addressClass(address) !== 'public');
    if (!matters || namedBy === undefined || rules().private !== 'origin') return done(undefined);
    resolve(hostOf(namedBy), { all: true }, (error, homes) => {
      // An error comes without a list.
      const [first] = error === null ? homes : [];
      done(first === undefined ? undefined : addressClass(first.address));
    });
  };

  return {
    admits: (address, there) => fits(address, address, there),
    lookup(host, options, callback) {
      resolve(host, { ...options, all: true }, (error, found) => {
        if (error !== null) return callback(error, '', 0);
        home(found, (there) => {
          const allowed = found.filter(({ address }) => fits(host, address, there));
          const [first] = allowed;
          if (first === undefined) callback(notAllowed(), '', 0);
          else if (options.all === true) callback(null, allowed);
          else callback(null, first.address, first.family);
        });
      });
    },
  };
};

const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

const notAllowed = (): Error => Object.assign(new Error('address not allowed'), { code: 'ERR_ADDRESS' });
