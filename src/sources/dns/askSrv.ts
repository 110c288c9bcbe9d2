import type { SrvRecord } from 'node:dns';
import { from, map, mergeMap, of, switchMap, toArray, type Observable } from 'rxjs';
import type { DnsSettings } from '../../config/dnsSettings.js';
import { limits } from '../../config/limits.js';
import { askAddresses, type HostAddresses } from './askAddresses.js';
import { caught, type DnsAddress, type DnsAnswer, type NoAddress } from './dnsAnswer.js';
import type { DnsResolver } from './dnsResolver.js';

/** Targets asked for at a time. */
const atOnce = 8;

/**
 * Asks for a service's SRV records (RFC 2782), and for the addresses of their targets. Emits once; never errors.
 *
 * A target without an address is left out; one of which nobody could say anything keeps the addresses it had. Node's resolver does not
 * give the TTL of SRV records: theirs is that of the addresses.
 *
 * @param known what targets had last, by name; kept up to date
 */
export const askSrv = (
  resolver: DnsResolver,
  { srv, family }: Pick<DnsSettings, 'family'> & { readonly srv: string },
  known: Map<string, HostAddresses>,
): Observable<DnsAnswer> => {
  const addressesOf = (target: string): Observable<readonly [string, HostAddresses | NoAddress]> =>
    askAddresses(resolver, target, family).pipe(
      map((answer) => [target, answer.kind === 'failed' ? (known.get(target) ?? answer) : answer] as const),
    );
  return caught(resolver.srv(srv)).pipe(
    switchMap((records): Observable<DnsAnswer> => {
      if ('kind' in records) return of(records);
      // A lone dot says that there is no such service here.
      const offered = records.filter(({ name }) => name !== '' && name !== '.');
      const targets = [...new Set(offered.map(({ name }) => name))].slice(0, limits.dnsAddresses);
      return from(targets).pipe(
        mergeMap(addressesOf, atOnce),
        toArray(),
        map((answers) => {
          known.clear();
          for (const [target, answer] of answers) if (answer.kind === 'found') known.set(target, answer);
          const missing = answers.flatMap(([, answer]) => (answer.kind === 'found' ? [] : [answer]));
          if (known.size > 0) return joined(offered, known);
          // Only where each of them says that there is nothing is there nothing.
          return missing.find(({ kind }) => kind === 'failed') ?? missing[0] ?? nothing;
        }),
      );
    }),
  );
};

const nothing: NoAddress = { kind: 'empty', code: 'ENODATA' };

const joined = (records: readonly SrvRecord[], targets: ReadonlyMap<string, HostAddresses>): DnsAnswer => {
  const addresses = records
    .toSorted((a, b) => a.priority - b.priority || compare(a.name, b.name) || a.port - b.port)
    .flatMap(({ name, port, priority, weight }): DnsAddress[] => {
      const hosts = targets.get(name)?.hosts ?? [];
      // The weight is that of the target, however many addresses it has.
      return hosts.map((host) => ({ host, port, priority, weight: Math.max(weight, least) / hosts.length }));
    });
  return { kind: 'found', addresses, ttlMs: Math.min(...[...targets.values()].map(({ ttlMs }) => ttlMs)) };
};

/** For those of weight 0, which "should have a very small chance of being selected". */
const least = 0.1;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
