import type { RecordWithTtl } from 'node:dns';
import { forkJoin, map, of, switchMap, type Observable } from 'rxjs';
import type { DnsSettings } from '../../config/dnsSettings.js';
import { caught, type NoAddress } from './dnsAnswer.js';
import type { DnsResolver } from './dnsResolver.js';

/** The addresses of one host, and how long they are good for. */
export interface HostAddresses {
  readonly kind: 'found';
  /** Sorted: servers give them in another order each time. */
  readonly hosts: readonly string[];
  readonly ttlMs: number;
}

/** Asks for the addresses of a host (A, AAAA). Emits once; never errors. */
export const askAddresses = (
  resolver: DnsResolver,
  name: string,
  family: DnsSettings['family'],
): Observable<HostAddresses | NoAddress> => {
  const ipv4$ = caught(resolver.ipv4(name).pipe(map(found)));
  const ipv6$ = caught(resolver.ipv6(name).pipe(map(found)));
  switch (family) {
    case 'ipv4':
      return ipv4$;
    case 'ipv6':
      return ipv6$;
    case 'auto':
      return ipv4$.pipe(switchMap((answer) => (answer.kind === 'empty' ? ipv6$ : of(answer))));
    case 'all':
      return forkJoin([ipv4$, ipv6$]).pipe(map(([first, second]) => together(first, second)));
  }
};

/** An alias of a name without such addresses is an answer without records, and no error to Node. */
const found = (records: readonly RecordWithTtl[]): HostAddresses | NoAddress =>
  records.length === 0
    ? { kind: 'empty', code: 'ENODATA' }
    : {
        kind: 'found',
        hosts: [...new Set(records.map(({ address }) => address))].sort(),
        ttlMs: Math.min(...records.map(({ ttl }) => ttl)) * 1000,
      };

/** Where one of them is not known, neither is the whole: a family that is missing for once must not be taken for gone. */
const together = (
  first: HostAddresses | NoAddress,
  second: HostAddresses | NoAddress,
): HostAddresses | NoAddress => {
  const unsure = [first, second].find(({ kind }) => kind === 'failed');
  if (unsure !== undefined) return unsure;
  if (second.kind !== 'found') return first;
  if (first.kind !== 'found') return second;
  return {
    kind: 'found',
    hosts: [...first.hosts, ...second.hosts],
    ttlMs: Math.min(first.ttlMs, second.ttlMs),
  };
};
