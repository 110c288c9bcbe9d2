import assert from 'node:assert/strict';
import type { SrvRecord } from 'node:dns';
import { map, of, throwError, type Observable } from 'rxjs';
import type { DnsSettings } from '../../../src/config/dnsSettings.js';
import type { DnsResolver } from '../../../src/sources/dns/dnsResolver.js';
import { fromDns } from '../../../src/sources/dns/fromDns.js';
import type { Places } from '../../../src/streams/balancing/places.js';
import { marbles } from '../../../src/testing/marbles.js';

const settings = (parts: Partial<DnsSettings> = {}): DnsSettings => ({
  family: 'auto',
  resolvers: [],
  minTtlMs: 5000,
  maxTtlMs: 60_000,
  emptyAfterMs: 10_000,
  ...parts,
});

/** `1.2.3.4 30`: an address with its TTL in seconds. In capitals: a code of an error. */
type Records = readonly string[] | string;

const records = (said: Records = 'ENODATA'): Observable<{ address: string; ttl: number }[]> =>
  typeof said === 'string'
    ? throwError(() => Object.assign(new Error(), { code: said }))
    : of(said.map((text) => ({ address: text.split(' ')[0] ?? '', ttl: Number(text.split(' ')[1] ?? 10) })));

interface Zone {
  readonly ipv4?: Readonly<Record<string, Records>>;
  readonly ipv6?: Readonly<Record<string, Records>>;
  readonly srv?: readonly SrvRecord[] | string;
}

/** A resolver that is asked about one zone after the other, a zone a round; the last one stays. */
const resolverOf = (...zones: Zone[]) => {
  const state = { rounds: 0, cancelled: 0 };
  let zone: Zone = {};
  const begin = () => {
    state.rounds++;
    zone = zones.shift() ?? zone;
  };
  const resolver: DnsResolver = {
    ipv4: (name) => {
      if (zone.srv === undefined) begin();
      return records(zone.ipv4?.[name]);
    },
    ipv6: (name) => records(zone.ipv6?.[name]),
    srv: () => {
      begin();
      const { srv = 'ENODATA' } = zone;
      return typeof srv === 'string' ? throwError(() => Object.assign(new Error(), { code: srv })) : of(srv);
    },
    cancel: () => void state.cancelled++,
  };
  return { resolver, state };
};

const host = (...ipv4: string[]): Zone => ({ ipv4: { h: ipv4 } });
const failing = (code: string): Zone => ({ ipv4: { h: code }, ipv6: { h: code } });

/** `1.2.3.4:80`, a `-` behind what stands by, the reason of doubt behind a `?`. */
const short = ({ places, stale }: Places): string =>
  [
    ...places.map(({ at, standby }) => `${at?.host ?? ''}:${at?.port ?? 0}${standby ? '-' : ''}`),
    ...(stale === undefined ? [] : [`?${stale.reason.replace(/.*\((\w+)\)$/, '$1')}`]),
  ].join(' ');

/** What comes of a story; a pause after a failure takes its longest. */
const follow = (
  resolver: DnsResolver,
  parts: Partial<DnsSettings> = {},
  url = 'http://h:80',
): Observable<string> => fromDns(url, settings(parts), { resolver, random: () => 1 }).pipe(map(short));

const said = (
  expected: string,
  values: Readonly<Record<string, string>>,
  parts: Partial<DnsSettings>,
  ...zones: Zone[]
) =>
  marbles(({ expectObservable }) => {
    expectObservable(follow(resolverOf(...zones).resolver, parts), '^ 100s !').toBe(expected, values);
  });

describe('sources/dns/fromDns', () => {
  it('asks again when the shortest TTL is over, and is silent while nothing changes', () =>
    said(
      'a 19999ms b',
      { a: '1.0.0.1:80', b: '1.0.0.1:80 1.0.0.2:80' },
      {},
      host('1.0.0.1 20'),
      host('1.0.0.2 30', '1.0.0.1 40'),
      host('1.0.0.1 30', '1.0.0.2 40'),
    ));

  const bounds: [string, string, number][] = [
    ['not sooner than min_ttl', '1.0.0.1 0', 5000],
    ['not later than max_ttl', '1.0.0.1 86400', 60_000],
  ];
  for (const [name, record, ms] of bounds)
    it(name, () =>
      said(`a ${ms - 1}ms b`, { a: '1.0.0.1:80', b: '1.0.0.2:80' }, {}, host(record), host('1.0.0.2 9999')),
    );

  it('the port is that of the URL, or that of its scheme', () =>
    marbles(({ expectObservable }) => {
      const at = (url: string) => follow(resolverOf(host('1.0.0.1')).resolver, {}, url);
      expectObservable(at('http://h'), '^!').toBe('a', { a: '1.0.0.1:80' });
      expectObservable(at('https://h'), '^!').toBe('a', { a: '1.0.0.1:443' });
      expectObservable(at('https://h:8443/mcp'), '^!').toBe('a', { a: '1.0.0.1:8443' });
    }));

  for (const code of ['ESERVFAIL', 'ETIMEOUT', 'EREFUSED', 'ECONNREFUSED'])
    it(`${code}: the last good answer stays, and is asked for again after 1, 2, 4 s, …`, () =>
      said(
        'a 9999ms b 6999ms c',
        { a: '1.0.0.1:80', b: `1.0.0.1:80 ?${code}`, c: '1.0.0.2:80' },
        {},
        host('1.0.0.1'),
        failing(code),
        failing(code),
        failing(code),
        host('1.0.0.2 9999'),
      ));

  for (const code of ['ENOTFOUND', 'ENODATA'])
    it(`${code}: believed once nothing else has been said for empty_after`, () =>
      said(
        'a 9999ms b 14999ms c',
        { a: '1.0.0.1:80', b: `1.0.0.1:80 ?${code}`, c: `?${code}` },
        {},
        host('1.0.0.1'),
        failing(code),
      ));

  it('that nobody could say anything does not make an empty answer older than it is, nor newer', () =>
    said(
      'a 9999ms b 999ms c 13999ms d',
      { a: '1.0.0.1:80', b: '1.0.0.1:80 ?ENOTFOUND', c: '1.0.0.1:80 ?ETIMEOUT', d: '?ENOTFOUND' },
      {},
      host('1.0.0.1'),
      failing('ENOTFOUND'),
      failing('ETIMEOUT'),
      failing('ETIMEOUT'),
      failing('ETIMEOUT'),
      failing('ENOTFOUND'),
    ));

  it('an answer ends all doubt: the next empty one begins anew', () =>
    said(
      'a 9999ms b 999ms a 9999ms c 999ms a',
      { a: '1.0.0.1:80', b: '1.0.0.1:80 ?ENOTFOUND', c: '1.0.0.1:80 ?ENODATA' },
      { emptyAfterMs: 10_500 },
      host('1.0.0.1'),
      failing('ENOTFOUND'),
      host('1.0.0.1'),
      failing('ENODATA'),
      host('1.0.0.1 9999'),
    ));

  it('never known: says why, and goes on asking', () =>
    said('a 999ms b', { a: '?ENOTFOUND', b: '1.0.0.1:80' }, {}, failing('ENOTFOUND'), host('1.0.0.1 9999')));

  const families: [DnsSettings['family'], Zone, string][] = [
    ['auto', { ipv4: { h: ['1.0.0.1'] }, ipv6: { h: ['::1'] } }, '1.0.0.1:80'],
    ['auto', { ipv4: { h: 'ENODATA' }, ipv6: { h: ['::1'] } }, '::1:80'],
    ['auto', { ipv4: { h: [] }, ipv6: { h: ['::1'] } }, '::1:80'],
    ['auto', { ipv4: { h: 'ESERVFAIL' }, ipv6: { h: ['::1'] } }, '?ESERVFAIL'],
    ['ipv4', { ipv6: { h: ['::1'] } }, '?ENODATA'],
    ['ipv6', { ipv4: { h: ['1.0.0.1'] }, ipv6: { h: ['::1'] } }, '::1:80'],
    ['all', { ipv4: { h: ['1.0.0.1'] }, ipv6: { h: ['::1'] } }, '1.0.0.1:80 ::1:80'],
    ['all', { ipv4: { h: ['1.0.0.1'] } }, '1.0.0.1:80'],
    ['all', { ipv6: { h: ['::1'] } }, '::1:80'],
    ['all', { ipv4: { h: ['1.0.0.1'] }, ipv6: { h: 'ETIMEOUT' } }, '?ETIMEOUT'],
    ['all', {}, '?ENODATA'],
  ];
  for (const [family, zone, expected] of families)
    it(`family ${family}, ${JSON.stringify(zone)}: ${expected}`, () =>
      marbles(({ expectObservable }) => {
        expectObservable(follow(resolverOf(zone).resolver, { family }), '^!').toBe('a', { a: expected });
      }));

  it('takes no more addresses than are bearable, and each once', () =>
    marbles(({ expectObservable }) => {
      const many = Array.from({ length: 300 }, (_, n) => `10.0.${n >> 8}.${n & 255}`);
      const { resolver } = resolverOf(host(...many, ...many));
      const sizes$ = follow(resolver).pipe(map((places) => places.split(' ').length));
      expectObservable(sizes$, '^!').toBe('a', { a: 256 });
    }));

  it('asks nothing any more once nobody listens', () =>
    marbles(({ flush }) => {
      const { resolver, state } = resolverOf(host('1.0.0.1 10'));
      const client = follow(resolver).subscribe();
      client.unsubscribe();
      flush();
      assert.deepEqual(state, { rounds: 1, cancelled: 1 });
    }));
});

describe('sources/dns/fromDns, with SRV records', () => {
  const srv = (name: string, port: number, priority = 0, weight = 0): SrvRecord => ({
    name,
    port,
    priority,
    weight,
  });
  const parts = { srv: '_x._tcp.h' };

  it('targets with their ports, those of a higher priority stand by, behind each other', () =>
    said(
      'a',
      { a: '1.0.0.2:82 1.0.0.1:81- 1.0.0.3:83-' },
      { ...parts, maxTtlMs: 200_000 },
      {
        srv: [srv('c', 83, 9), srv('a', 81, 5), srv('b', 82, 1)],
        ipv4: { a: ['1.0.0.1 999'], b: ['1.0.0.2 999'], c: ['1.0.0.3 999'] },
      },
    ));

  it('weights are those of targets, shared by their addresses; 0 is next to nothing', () =>
    marbles(({ expectObservable }) => {
      const zone = {
        srv: [srv('a', 80, 0, 6), srv('b', 80, 0, 0)],
        ipv4: { a: ['1.0.0.1', '1.0.0.2'], b: ['1.0.0.3'] },
      };
      const weights$ = fromDns('http://h', settings(parts), resolverOf(zone)).pipe(
        map(({ places }) => places.map(({ weight }) => weight)),
      );
      expectObservable(weights$, '^!').toBe('a', { a: [3, 3, 0.1] });
    }));

  const two = [srv('a', 80), srv('b', 80)];
  it('is asked again when the shortest TTL of a target is over', () =>
    said(
      'a 6999ms b',
      { a: '1.0.0.1:80 1.0.0.2:80', b: '1.0.0.1:80' },
      parts,
      { srv: two, ipv4: { a: ['1.0.0.1 7'], b: ['1.0.0.2 30'] } },
      { srv: [srv('a', 80)], ipv4: { a: ['1.0.0.1 999'] } },
    ));

  it('a target of which nobody can say anything keeps what it had, one without an address is left out', () =>
    said(
      'a 19999ms b',
      { a: '1.0.0.1:80 1.0.0.2:80', b: '1.0.0.2:80' },
      parts,
      { srv: two, ipv4: { a: ['1.0.0.1'], b: ['1.0.0.2'] } },
      { srv: two, ipv4: { a: ['1.0.0.1'], b: 'ETIMEOUT' } },
      { srv: two, ipv4: { a: 'ENOTFOUND', b: 'ETIMEOUT' }, ipv6: { a: 'ENOTFOUND' } },
    ));

  const nothing: [string, Zone, string][] = [
    ['no such records', { srv: 'ENOTFOUND' }, '?ENOTFOUND'],
    ['nobody can say', { srv: 'ESERVFAIL' }, '?ESERVFAIL'],
    ['a dot: there is no such service', { srv: [srv('', 0)] }, '?ENODATA'],
    ['no target has an address', { srv: two }, '?ENODATA'],
    ['of one target nobody can say', { srv: two, ipv4: { a: 'ETIMEOUT' } }, '?ETIMEOUT'],
  ];
  for (const [name, zone, expected] of nothing)
    it(name, () =>
      marbles(({ expectObservable }) => {
        expectObservable(follow(resolverOf(zone).resolver, parts), '^!').toBe('a', { a: expected });
      }),
    );
});
