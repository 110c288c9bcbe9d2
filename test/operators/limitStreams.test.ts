import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NEVER, mergeMap, of, Subject, throwError, type Observable, type Subscription } from 'rxjs';
import { limitStreams } from '../../src/operators/limitStreams.js';
import { internalMethods } from '../../src/protocol/methods.js';
import { refusal } from '../../src/protocol/errors.js';
import type { Exchange } from '../../src/streams/exchange.js';
import { result, type Reply } from '../../src/streams/reply.js';
import { Slots } from '../../src/streams/slots.js';
import type { StreamLimit } from '../../src/streams/streamLimits.js';
import { byCode } from '../../src/testing/byCode.js';
import { call } from '../../src/testing/call.js';
import { marbles } from '../../src/testing/marbles.js';

const r = result({});
const values = { r, n: { kind: 'notification', method: 'notifications/progress', params: {} } as Reply };

/** At most `max` of each session, or of whatever `keyOf` says. */
const limitOf = (
  max: number,
  slots = new Slots(),
  keyOf = ({ origin }: Exchange): string | undefined => origin.sessionId,
): StreamLimit<Exchange> => ({
  slots,
  keyOf,
  max,
  refuse: () => refusal('ERR_SESSION_EXHAUSTED', 'full'),
});
const ofSession = (sessionId: string, method = 'tools/call', id: number | null = 1): Exchange =>
  call(method, { sessionId, id });

describe('operators/limitStreams', () => {
  it('passes what there is room for, refuses what there is none for, and the one under way goes on', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const part = cold('   --n--(r|)', values);
      const partSubs = '    ^----!';
      const first = '       --n--(r|)';
      const second = '      ---#';
      const third = '       --------n--(r|)';
      const limited = limitStreams(
        mergeMap(() => part),
        [limitOf(1)],
      );
      const at = (frames: string): Observable<Reply> =>
        cold(frames, { a: ofSession('s') }).pipe(limited, byCode());
      expectObservable(at('(a|)')).toBe(first, values);
      expectObservable(at('---(a|)')).toBe(second, undefined, 'ERR_SESSION_EXHAUSTED');
      expectObservable(at('------(a|)')).toBe(third, values);
      expectSubscriptions(part.subscriptions).toBe([partSubs, '      ------^----!']);
    }));

  it('counts each key by itself, and not those without one', () => {
    const slots = new Slots();
    const limited = limitStreams(
      mergeMap(() => NEVER),
      [limitOf(1, slots)],
    );
    const refused: unknown[] = [];
    const held = [ofSession('a'), ofSession('b'), call('ping'), call('ping')].map((exchange) =>
      of(exchange)
        .pipe(limited)
        .subscribe({ error: (error: unknown) => refused.push(error) }),
    );
    assert.deepEqual([refused.length, slots.of('a'), slots.of('b'), slots.size], [0, 1, 1, 2]);
    for (const subscription of held) subscription.unsubscribe();
    assert.equal(slots.size, 0);
  });

  it('counts standing streams, and neither notifications nor answers', () => {
    const slots = new Slots();
    const limited = limitStreams(
      mergeMap(() => NEVER),
      [limitOf(9, slots)],
    );
    const open = (method: string, id: number | null): Subscription =>
      of(ofSession('s', method, id))
        .pipe(limited)
        .subscribe();
    const all = [
      open('notifications/cancelled', null),
      open(internalMethods.response, null),
      open(internalMethods.end, null),
    ];
    assert.equal(slots.of('s'), 0);
    all.push(
      open(internalMethods.stream, null),
      open(internalMethods.resume, null),
      open('subscriptions/listen', 1),
    );
    assert.equal(slots.of('s'), 3);
    for (const subscription of all) subscription.unsubscribe();
  });

  it('gives back what it has taken before a limit that has no room', () => {
    const [wide, narrow] = [new Slots(), new Slots()];
    narrow.take('all', 1);
    const limited = limitStreams(
      mergeMap(() => NEVER),
      [limitOf(9, wide), limitOf(1, narrow, () => 'all')],
    );
    const errors: unknown[] = [];
    of(ofSession('s'))
      .pipe(limited, byCode())
      .subscribe({ error: (error: unknown) => errors.push(error) });
    assert.deepEqual([errors, wide.size, narrow.of('all')], [['ERR_SESSION_EXHAUSTED'], 0, 1]);
  });

  const ends: [string, Observable<Reply>][] = [
    ['completes at once', of(r)],
    ['fails at once', throwError(() => refusal('ERR_UPSTREAM_FAILED', ''))],
  ];
  for (const [name, end$] of ends)
    it(`gives back when the part ${name}`, () => {
      const slots = new Slots();
      const limited = limitStreams(
        mergeMap(() => end$),
        [limitOf(1, slots)],
      );
      of(ofSession('s'))
        .pipe(limited)
        .subscribe({ error: () => undefined });
      assert.equal(slots.size, 0);
    });

  it('gives back when the part throws', () => {
    const slots = new Slots();
    const limited = limitStreams(
      Object.assign(() => NEVER, {
        answer: () => {
          throw refusal('ERR_FORBIDDEN', '');
        },
      }),
      [limitOf(1, slots)],
    );
    of(ofSession('s'))
      .pipe(limited)
      .subscribe({ error: () => undefined });
    assert.equal(slots.size, 0);
  });

  it('never counts more than are under way, nor fewer, whatever happens in whatever order', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('open', 'answer', 'fail', 'leave'), fc.nat(3), fc.nat(9)), {
          maxLength: 60,
        }),
        (steps) => {
          const slots = new Slots();
          const parts = new Set<Subject<Reply>>();
          const limited = limitStreams(
            mergeMap(() => {
              const part = new Subject<Reply>();
              parts.add(part);
              return part;
            }),
            [limitOf(2, slots)],
          );
          const open: { key: string; part: Subject<Reply>; subscription: Subscription }[] = [];
          for (const [step, session, index] of steps) {
            const key = `s${session}`;
            if (step === 'open') {
              const before = parts.size;
              const subscription = of(ofSession(key))
                .pipe(limited)
                .subscribe({ error: () => undefined });
              const part = [...parts].at(-1);
              const admitted = parts.size > before && part !== undefined;
              assert.equal(admitted, open.filter((one) => one.key === key).length < 2);
              if (admitted) open.push({ key, part, subscription });
            } else {
              const [one] = open.splice(index % Math.max(open.length, 1), 1);
              if (step === 'answer') one?.part.complete();
              else if (step === 'fail') one?.part.error(new Error('down'));
              else one?.subscription.unsubscribe();
            }
            for (let of = 0; of < 4; of++)
              assert.equal(slots.of(`s${of}`), open.filter(({ key: other }) => other === `s${of}`).length);
          }
          for (const { subscription } of open) subscription.unsubscribe();
          assert.equal(slots.size, 0);
        },
      ),
    ));
});
