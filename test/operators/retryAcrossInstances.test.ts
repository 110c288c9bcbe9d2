import { mergeMap, type Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { refusal, type GatewayErrorCode } from '../../src/protocol/errors.js';
import { retryAcrossInstances } from '../../src/operators/retryAcrossInstances.js';
import type { Exchange, Resolved } from '../../src/streams/exchange.js';
import { result, type Reply } from '../../src/streams/reply.js';
import { byCode } from '../../src/testing/byCode.js';
import { marbles } from '../../src/testing/marbles.js';
import { instanceOf, resolvedCall } from './scenarios.js';

const n: Reply = { kind: 'notification', method: 'notifications/progress', params: {} };
const r = result({});
const values = { n, r };
const [one, two, three] = [instanceOf('one'), instanceOf('two'), instanceOf('three')];
const failing = (code: GatewayErrorCode) => refusal(code, 'attempt failed');
const unreachable = failing('ERR_UPSTREAM_UNREACHABLE');

type Attempts = Readonly<Record<string, Observable<Reply>>>;
const trying = (attempts: Attempts, ...instances: ReturnType<typeof instanceOf>[]) =>
  retryAcrossInstances<Exchange & Resolved>(
    () => instances,
    mergeMap(({ instance }) => attempts[instance.id] as Observable<Reply>),
  );
const safe = { a: resolvedCall({ repeatable: true }) };
const unsafe = { a: resolvedCall({ repeatable: false }) };
const attempt = ({ cold }: RunHelpers, marble: string, error?: unknown) => cold<Reply>(marble, values, error);

describe('operators/retryAcrossInstances', () => {
  it('places a call on the first instance', () =>
    marbles((run) => {
      const first = attempt(run, '-r|');
      const second = attempt(run, '-r|');
      const calls = run.cold('  --a|', unsafe);
      const firstSubs = '       --^-!';
      const expected = '        ---r|';
      run.expectObservable(calls.pipe(trying({ one: first, two: second }, one, two))).toBe(expected, values);
      run.expectSubscriptions(first.subscriptions).toBe(firstSubs);
      run.expectSubscriptions(second.subscriptions).toBe([]);
    }));

  it('goes on to the next when one was never reached, even with a call that must not be repeated', () =>
    marbles((run) => {
      const first = attempt(run, '-#', unreachable);
      const second = attempt(run, '--r|');
      const calls = run.cold('  --a|', unsafe);
      const subs = '            ^--!';
      const firstSubs = '       --^!';
      const secondSubs = '      ---^--!';
      const expected = '        -----r|';
      run.expectObservable(calls.pipe(trying({ one: first, two: second }, one, two))).toBe(expected, values);
      run.expectSubscriptions(calls.subscriptions).toBe(subs);
      run.expectSubscriptions(first.subscriptions).toBe(firstSubs);
      run.expectSubscriptions(second.subscriptions).toBe(secondSubs);
    }));

  for (const code of ['ERR_UPSTREAM_FAILED', 'ERR_UPSTREAM_SESSION_LOST'] as const) {
    it(`${code}: a payment is not sent twice`, () =>
      marbles((run) => {
        const first = attempt(run, '-#', failing(code));
        const second = attempt(run, '--r|');
        const calls = run.cold('  --a|', unsafe);
        const expected = '        ---#';
        run
          .expectObservable(calls.pipe(trying({ one: first, two: second }, one, two), byCode()))
          .toBe(expected, values, code);
        run.expectSubscriptions(second.subscriptions).toBe([]);
      }));

    it(`${code}: a read is`, () =>
      marbles((run) => {
        const first = attempt(run, '-#', failing(code));
        const second = attempt(run, '--r|');
        const calls = run.cold('  --a|', safe);
        const expected = '        -----r|';
        run
          .expectObservable(calls.pipe(trying({ one: first, two: second }, one, two)))
          .toBe(expected, values);
      }));
  }

  for (const code of [
    'ERR_UPSTREAM_TIMEOUT',
    'ERR_INPUT_UNSUPPORTED',
    'ERR_INTERNAL',
    'ERR_CANCELLED',
  ] as const)
    it(`${code} is no reason to try again`, () =>
      marbles((run) => {
        const first = attempt(run, '-#', failing(code));
        const second = attempt(run, '--r|');
        const calls = run.cold('  --a|', safe);
        const expected = '        ---#';
        run
          .expectObservable(calls.pipe(trying({ one: first, two: second }, one, two), byCode()))
          .toBe(expected, values, code);
        run.expectSubscriptions(second.subscriptions).toBe([]);
      }));

  it('never tries again after a first reply has left', () =>
    marbles((run) => {
      const first = attempt(run, '-n-#', unreachable);
      const second = attempt(run, '--r|');
      const calls = run.cold('  --a|', safe);
      const expected = '        ---n-#';
      run
        .expectObservable(calls.pipe(trying({ one: first, two: second }, one, two), byCode()))
        .toBe(expected, values, 'ERR_UPSTREAM_UNREACHABLE');
      run.expectSubscriptions(second.subscriptions).toBe([]);
    }));

  it('gives up after the last instance, with its error', () =>
    marbles((run) => {
      const first = attempt(run, '-#', unreachable);
      const last = attempt(run, '-#', failing('ERR_UPSTREAM_FAILED'));
      const calls = run.cold('  a|', safe);
      const thirdSubs = '       --^!';
      const expected = '        ---#';
      run
        .expectObservable(
          calls.pipe(trying({ one: first, two: first, three: last }, one, two, three), byCode()),
        )
        .toBe(expected, values, 'ERR_UPSTREAM_FAILED');
      run.expectSubscriptions(last.subscriptions).toBe(thirdSubs);
    }));

  it('gives a read a second chance on the only instance, a payment none', () =>
    marbles((run) => {
      const broken = attempt(run, '-#', failing('ERR_UPSTREAM_FAILED'));
      const twice = ['          ^!', '                   -^!'].map((subs) => subs.trim());
      run
        .expectObservable(run.cold('a|', safe).pipe(trying({ one: broken }, one), byCode()))
        .toBe('--#', values, 'ERR_UPSTREAM_FAILED');
      run.expectSubscriptions(broken.subscriptions).toBe(twice);
      const payment = attempt(run, '-#', failing('ERR_UPSTREAM_FAILED'));
      run
        .expectObservable(run.cold('a|', unsafe).pipe(trying({ one: payment }, one), byCode()))
        .toBe('-#', values, 'ERR_UPSTREAM_FAILED');
      run.expectSubscriptions(payment.subscriptions).toBe('^!');
    }));

  it('refuses where there is no instance: ERR_NO_INSTANCE', () =>
    marbles((run) => {
      const calls = run.cold('  --a|', safe);
      const expected = '        --#';
      run.expectObservable(calls.pipe(trying({}), byCode())).toBe(expected, values, 'ERR_NO_INSTANCE');
    }));

  it('unsubscribes the attempt under way', () =>
    marbles((run) => {
      const first = attempt(run, '-#', unreachable);
      const second = attempt(run, '-----r|');
      const calls = run.cold('  a|', safe);
      const firstSubs = '       ^!';
      const secondSubs = '      -^-!';
      run.expectObservable(calls.pipe(trying({ one: first, two: second }, one, two)), '^--!').toBe('----');
      run.expectSubscriptions(first.subscriptions).toBe(firstSubs);
      run.expectSubscriptions(second.subscriptions).toBe(secondSubs);
    }));
});
