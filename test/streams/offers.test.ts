import {
  defer,
  ignoreElements,
  map,
  NEVER,
  of,
  repeat,
  Subject,
  tap,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import { refusal } from '../../src/protocol/errors.js';
import type { Offer } from '../../src/streams/backend.js';
import type { CatalogEvent } from '../../src/streams/catalog.js';
import { offers } from '../../src/streams/offers.js';
import { fakeBackend, offerOf } from '../../src/testing/fakeBackend.js';
import { marbles } from '../../src/testing/marbles.js';
import { serverOffering } from '../../src/testing/serverOffering.js';

const options = { backoff: { firstMs: 100, maxMs: 400 }, minAgeMs: 1000 };
const short = (event: CatalogEvent): string =>
  event.kind === 'offered'
    ? `offered ${event.offer.revision}`
    : event.kind === 'failed'
      ? `failed: ${event.reason}`
      : event.kind;
const broken = () => throwError(() => refusal('ERR_UPSTREAM_UNREACHABLE', 'gone'));
const good = (revision = 'v'): Observable<Offer> => of(offerOf({ revision }));
const later = (ms: number, revision = 'v'): Observable<Offer> =>
  timer(ms).pipe(map(() => offerOf({ revision })));

/** Offers of a server with one instance for each function; each is asked anew every time. */
const feed = (changed$: Observable<void>, ...asked: (() => Observable<Offer>)[]) => {
  const instances = asked.map((offer, index) => ({
    id: `s#${index}`,
    backend: fakeBackend({ offer, changed$: index === 0 ? changed$ : NEVER }),
  }));
  return offers(serverOffering('s', undefined, { listTimeoutMs: 50 }, instances), options);
};

describe('streams/offers', () => {
  const { random } = Math;
  beforeEach(() => {
    // The random half of a pause, at its longest.
    Math.random = () => 1;
  });
  afterEach(() => {
    Math.random = random;
  });

  it('asks at the start, and again a minute after each answer', () =>
    marbles(({ expectObservable }) => {
      let n = 0;
      const { events$ } = feed(NEVER, () => good(`${++n}`));
      const expected = 'a 59999ms b 59999ms c';
      const values = { a: 'offered 1', b: 'offered 2', c: 'offered 3' };
      expectObservable(events$.pipe(map(short)), '^ 120001ms !').toBe(expected, values);
    }));

  it('gives the whole answer listTimeoutMs, tells the failure and drops the late answer', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const answer = cold('            120ms (o|)', { o: offerOf() });
      const { events$ } = feed(NEVER, () => answer);
      const subs = '                   ^ 49ms !';
      const expected = '               50ms f';
      const f = 'failed: The server did not list what it offers within 50 ms';
      expectObservable(events$.pipe(map(short)), '^ 60ms !').toBe(expected, { f });
      expectSubscriptions(answer.subscriptions).toBe(subs);
    }));

  it('backs off while the server does not answer, doubling up to the longest pause', () =>
    marbles(({ expectObservable }) => {
      const { events$ } = feed(NEVER, broken);
      const expected = 'f 99ms f 199ms f 399ms f 399ms f';
      expectObservable(events$.pipe(map(short)), '^ 1101ms !').toBe(expected, { f: 'failed: gone' });
    }));

  it('says nothing internal of an unrecognised failure', () =>
    marbles(({ expectObservable }) => {
      const { events$ } = feed(NEVER, () => throwError(() => new Error('connect 10.1.2.3')));
      expectObservable(events$.pipe(map(short)), '^ 10ms !').toBe('f', { f: 'failed: Internal error' });
    }));

  it('begins anew with short pauses after a recovery', () =>
    marbles(({ expectObservable }) => {
      let n = 0;
      const script = [broken, broken, good, broken, good];
      const { events$ } = feed(NEVER, () => (script[n++] ?? good)());
      const expected = 'f 99ms f 199ms o 59999ms f 99ms o';
      const values = { f: 'failed: gone', o: 'offered v' };
      expectObservable(events$.pipe(map(short)), '^ 61000ms !').toBe(expected, values);
    }));

  it('asks the instances in turn: the first that answers speaks for the server', () =>
    marbles(({ expectObservable }) => {
      const { events$ } = feed(
        NEVER,
        broken,
        () => good('second'),
        () => good('third'),
      );
      expectObservable(events$.pipe(map(short)), '^ 10ms !').toBe('o', { o: 'offered second' });
    }));

  it('gives each instance its share of the time: one that hangs does not use up that of the others', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [hangs, slow] = [cold<Offer>('-'), cold('20ms (o|)', { o: offerOf({ revision: 'second' }) })];
      const { events$ } = feed(
        NEVER,
        () => hangs,
        () => slow,
      );
      const expected = '45ms o';
      expectObservable(events$.pipe(map(short)), '^ 49ms !').toBe(expected, { o: 'offered second' });
      expectSubscriptions(hangs.subscriptions).toBe('^ 24ms !');
      expectSubscriptions(slow.subscriptions).toBe('25ms ^ 19ms !');
    }));

  it('fails within the time when every instance hangs', () =>
    marbles(({ expectObservable }) => {
      const { events$ } = feed(
        NEVER,
        () => NEVER,
        () => NEVER,
      );
      const f = 'failed: The server did not list what it offers within 50 ms';
      expectObservable(events$.pipe(map(short)), '^ 60ms !').toBe('50ms f', { f });
    }));

  it('asks again when the server says that a list has changed, five times a second at most', () =>
    marbles(({ cold, expectObservable }) => {
      let n = 0;
      const changed$ = cold(' 50ms xxxxx').pipe(map(() => undefined));
      const { events$ } = feed(changed$, () => good(`${++n}`));
      const expected = '              a 49ms b 199ms c';
      const values = { a: 'offered 1', b: 'offered 2', c: 'offered 3' };
      expectObservable(events$.pipe(map(short)), '^ 500ms !').toBe(expected, values);
    }));

  it('asks once more when the change came while an answer was on its way', () =>
    marbles(({ cold, expectObservable }) => {
      let n = 0;
      const changed$ = cold(' 10ms x').pipe(map(() => undefined));
      const { events$ } = feed(changed$, () => later(30, `${++n}`));
      const expected = '              30ms a 29ms b';
      const values = { a: 'offered 1', b: 'offered 2' };
      expectObservable(events$.pipe(map(short)), '^ 500ms !').toBe(expected, values);
    }));

  it('a server that fails is asked with growing pauses however often it says that it has changed', () =>
    marbles(({ cold, expectObservable }) => {
      let n = 0;
      const changed$ = cold('(x|)').pipe(
        map(() => undefined),
        repeat({ delay: 10 }),
      );
      const { events$ } = offers(
        serverOffering('s', undefined, {}, [
          { id: 's#1', backend: fakeBackend({ changed$, offer: () => defer(() => (n++, broken())) }) },
        ]),
        { ...options, backoff: { firstMs: 100, maxMs: 5000 } },
      );
      expectObservable(events$.pipe(ignoreElements()), '^ 20s !').toBe('20s -');
      // Pauses of 100, 200, 400 … 5000 ms are nine questions; of the changes one in each pause is heeded at most.
      expectObservable(cold('19999ms x').pipe(map(() => n >= 9 && n <= 18))).toBe('19999ms x', { x: true });
    }));

  it('a server that says so while it is asked, and fails, is not asked again at once', () =>
    marbles(({ cold, expectObservable }) => {
      const saying = new Subject<void>();
      const { events$ } = feed(saying, () =>
        cold('-(xx#)').pipe(
          tap(() => saying.next()),
          ignoreElements(),
        ),
      );
      const values = { f: 'failed: Internal error' };
      expectObservable(events$.pipe(map(short)), '^ 99ms !').toBe('-f', values);
    }));

  it('a server that failed is asked at once when it says that it has changed', () =>
    marbles(({ cold, expectObservable }) => {
      let n = 0;
      const changed$ = cold('  50ms x').pipe(map(() => undefined));
      const { events$ } = feed(changed$, () => (n++ === 0 ? broken() : good()));
      const values = { f: 'failed: gone', o: 'offered v' };
      expectObservable(events$.pipe(map(short)), '^ 500ms !').toBe('f 49ms o', values);
    }));

  it('lets go of the backend when unsubscribed', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const answer = cold('  ------(o|)', { o: offerOf() });
      const { events$ } = feed(NEVER, () => answer);
      expectObservable(events$, '^--!').toBe('----');
      expectSubscriptions(answer.subscriptions).toBe('^--!');
    }));

  describe('refresh', () => {
    it('completes at once while the list is young, by the ttl the server gave or a second', () =>
      marbles(({ cold, expectObservable }) => {
        let n = 0;
        const { events$, refresh } = feed(NEVER, () => of(offerOf({ ttlMs: ++n === 1 ? 5000 : 0 })));
        const asked: number[] = [];
        const at = (ms: number) =>
          cold(`${ms}ms x`).subscribe(() => {
            refresh().subscribe();
            asked.push(n);
          });
        expectObservable(events$.pipe(ignoreElements()), '^ 8s !').toBe('8s -');
        for (const ms of [10, 4999, 5000, 5999, 6000]) at(ms);
        expectObservable(cold('7s x').pipe(map(() => asked.join()))).toBe('7s x', { x: '1,1,2,2,3' });
      }));

    it('lets a list be as old as is wanted, unless the server says less; and says how long it is good', () =>
      marbles(({ cold, expectObservable }) => {
        let n = 0;
        const said = [undefined, 3000, 60_000];
        const { events$, refresh, leftMs } = feed(NEVER, () => {
          const ttlMs = said[n++];
          return of(offerOf(ttlMs === undefined ? {} : { ttlMs }));
        });
        const seen: string[] = [];
        const at = (ms: number) =>
          cold(`${ms}ms x`).subscribe(() => {
            refresh(10_000).subscribe();
            seen.push(`${n} ${leftMs(10_000)}`);
          });
        expectObservable(events$.pipe(ignoreElements()), '^ 30s !').toBe('30s -');
        for (const ms of [1000, 9999, 10_000, 12_999, 13_000, 22_999]) at(ms);
        const expected = ['1 9000', '1 1', '2 3000', '2 1', '3 10000', '3 1'];
        expectObservable(cold('25s x').pipe(map(() => seen))).toBe('25s x', { x: expected });
      }));

    it('nothing is good of a server that does not answer', () =>
      marbles(({ cold, expectObservable }) => {
        const { events$, leftMs } = feed(NEVER, broken);
        expectObservable(events$.pipe(ignoreElements()), '^ 10ms !').toBe('10ms -');
        expectObservable(cold('---x').pipe(map(() => leftMs(1000)))).toBe('---x', { x: 0 });
      }));

    it('waits for the answer when the list is old, asking once for all who wait', () =>
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const answer = cold('                   20ms (o|)', { o: offerOf() });
        const { events$, refresh } = feed(NEVER, () => answer);
        expectObservable(events$.pipe(map(short)), '^ 3s !').toBe('20ms o 1999ms o', {
          o: 'offered 2025-11-25',
        });
        expectObservable(refresh(), '           2000ms ^').toBe('2020ms |');
        expectObservable(refresh(), '           2005ms ^').toBe('2020ms |');
        expectSubscriptions(answer.subscriptions).toBe(['^ 19ms !', '2000ms ^ 19ms !']);
      }));

    it('joins the question that is under way', () =>
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const answer = cold('                   20ms (o|)', { o: offerOf() });
        const { events$, refresh } = feed(NEVER, () => answer);
        expectObservable(events$.pipe(map(short)), '^ 30ms !').toBe('20ms o', { o: 'offered 2025-11-25' });
        expectObservable(refresh(), '           -----^').toBe('20ms |');
        expectSubscriptions(answer.subscriptions).toBe('^ 19ms !');
      }));

    it('does not wait for a server known to be broken, and never errs', () =>
      marbles(({ expectObservable }) => {
        const { events$, refresh } = feed(NEVER, broken);
        expectObservable(events$.pipe(map(short)), '^ 10ms !').toBe('f', { f: 'failed: gone' });
        expectObservable(refresh(), '                -----^').toBe('-----|');
      }));

    it('a failure found by a refresh is mended after a short pause, not at the next poll', () =>
      marbles(({ expectObservable }) => {
        let n = 0;
        const script = [good, broken, good];
        const { events$, refresh } = feed(NEVER, () => (script[n++] ?? good)());
        const expected = 'o 1999ms f 99ms o';
        const values = { o: 'offered v', f: 'failed: gone' };
        expectObservable(events$.pipe(map(short)), '^ 5000ms !').toBe(expected, values);
        expectObservable(refresh(), '                2000ms ^').toBe('2000ms |');
      }));
  });
});
