import {
  asyncScheduler,
  defer,
  distinctUntilChanged,
  finalize,
  map,
  repeat,
  timer,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import type { DnsSettings } from '../../config/dnsSettings.js';
import { limits } from '../../config/limits.js';
import type { Place, Places } from '../../streams/balancing/places.js';
import { askAddresses, type HostAddresses } from './askAddresses.js';
import { askSrv } from './askSrv.js';
import type { DnsAnswer } from './dnsAnswer.js';
import { dnsResolver, type DnsResolver } from './dnsResolver.js';

export interface FromDnsOptions {
  readonly resolver?: DnsResolver;
  readonly scheduler?: SchedulerLike;
  /** From 0 to 1; spreads the questions of gateways after a failure. */
  readonly random?: () => number;
}

/**
 * Where a server runs, looked up in DNS for as long as somebody listens: again when the records' TTL is over, and after a growing,
 * random pause where there was no answer.
 *
 * ```
 * answers   f----f------s-s--f---n-n--n
 * fromDns   p-----------P----p---P----0      f found, s servfail or timeout, n no such name; P: the last good ones, stale
 * ```
 *
 * The last good answer is kept while nobody can say anything. That the name is gone, or has no address, is an answer, yet one that a zone
 * which is just being written, or a service of which no pod is ready, gives for a moment: it is believed once it has been the only one
 * for `emptyAfterMs`. For ever it is not kept: the addresses may be somebody else's by then, who would be sent our calls.
 *
 * @param url names the host, unless there are SRV records, and the port
 */
export const fromDns = (
  url: string,
  settings: DnsSettings,
  {
    resolver = dnsResolver(settings.resolvers),
    scheduler = asyncScheduler,
    random = Math.random,
  }: FromDnsOptions = {},
): Observable<Places> =>
  defer(() => {
    const targets = new Map<string, HostAddresses>();
    let known = unknown;
    return defer(() => ask(url, settings, resolver, targets)).pipe(
      map((answer) => (known = judge(known, answer, { url, settings, now: scheduler.now() }))),
      repeat({ delay: () => timer(pauseAfter(known, settings, random()), scheduler) }),
      map(({ places, stale }): Places => ({ places, stale })),
      distinctUntilChanged((a, b) => JSON.stringify(a) === JSON.stringify(b)),
      finalize(() => resolver.cancel()),
    );
  });

const ask = (
  url: string,
  { srv, family }: DnsSettings,
  resolver: DnsResolver,
  targets: Map<string, HostAddresses>,
): Observable<DnsAnswer> => {
  if (srv !== undefined) return askSrv(resolver, { srv, family }, targets);
  const { hostname, port, protocol } = new URL(url);
  return askAddresses(resolver, hostname, family).pipe(
    map((answer): DnsAnswer =>
      answer.kind === 'found'
        ? {
            kind: 'found',
            ttlMs: answer.ttlMs,
            addresses: answer.hosts.map((host) => ({
              host,
              port: Number(port) || (protocol === 'https:' ? 443 : 80),
              priority: 0,
              weight: 1,
            })),
          }
        : answer,
    ),
  );
};

interface Known extends Places {
  /** Of the last answer. */
  readonly ttlMs: number;
  /** Rounds in a row without an answer. */
  readonly failures: number;
  /** When the first answer came that there is nothing, with none to the contrary since. */
  readonly emptySince: number | undefined;
}

const unknown: Known = { places: [], stale: undefined, ttlMs: 0, failures: 0, emptySince: undefined };

interface Judging {
  readonly url: string;
  readonly settings: DnsSettings;
  readonly now: number;
}

const judge = (known: Known, answer: DnsAnswer, { url, settings, now }: Judging): Known => {
  if (answer.kind === 'found') {
    const [first] = answer.addresses;
    const places = answer.addresses
      .slice(0, limits.dnsAddresses)
      .map(({ host, port, priority, weight }): Place => ({
        url,
        at: { host, port },
        weight,
        standby: priority !== first?.priority,
      }));
    return { places, stale: undefined, ttlMs: answer.ttlMs, failures: 0, emptySince: undefined };
  }
  const emptySince = answer.kind === 'empty' ? (known.emptySince ?? now) : known.emptySince;
  const isGone = answer.kind === 'empty' && now - (emptySince ?? now) >= settings.emptyAfterMs;
  const what = answer.kind === 'empty' ? 'knows no address of its name' : 'gives no answer';
  return {
    places: isGone ? [] : known.places,
    stale: { since: known.stale?.since ?? now, reason: `DNS ${what} (${answer.code})` },
    ttlMs: 0,
    failures: known.failures + 1,
    emptySince,
  };
};

/** Milliseconds until it is asked again. */
const pauseAfter = (
  { failures, ttlMs }: Known,
  { minTtlMs, maxTtlMs, emptyAfterMs }: DnsSettings,
  random: number,
): number => {
  if (failures === 0) return Math.min(Math.max(ttlMs, minTtlMs), maxTtlMs);
  const grown = limits.dnsRetryMs * 2 ** (failures - 1);
  const longest = Math.min(grown, limits.dnsMaxRetryMs, maxTtlMs, emptyAfterMs);
  return longest / 2 + (random * longest) / 2;
};
