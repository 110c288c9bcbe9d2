import { ignoreElements, map, mergeMap, type OperatorFunction } from 'rxjs';
import { byMethod } from '../../src/operators/byMethod.js';
import { handle } from '../../src/operators/handle.js';
import type { Exchange } from '../../src/streams/exchange.js';
import { accepted, result, type Reply } from '../../src/streams/reply.js';
import { refusal } from '../../src/protocol/errors.js';
import { byCode } from '../../src/testing/byCode.js';
import { call } from '../../src/testing/call.js';
import { marbles } from '../../src/testing/marbles.js';
import { enteredCall } from './scenarios.js';

const r = result({});
const ping: OperatorFunction<Exchange, Reply> = map(() => r);

describe('operators/byMethod', () => {
  it('sends each call down its own chain, in its frame', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const calls = cold('  --p--t-----|', { p: call('ping'), t: call('tools/call') });
      const backend = cold('     -n-(r|)', { n: accepted, r });
      const subs = '        ^----------!';
      const backendSubs = ' -----^--!';
      const expected = '    --r---n-r--|';
      const routes = { ping, 'tools/call': mergeMap(() => backend) };
      expectObservable(calls.pipe(byMethod(routes))).toBe(expected, { r, n: accepted });
      expectSubscriptions(calls.subscriptions).toBe(subs);
      expectSubscriptions(backend.subscriptions).toBe(backendSubs);
    }));

  for (const method of ['x', 'constructor', '__proto__', 'toString'])
    it(`refuses ${method}, which has no route: ERR_METHOD_UNKNOWN`, () =>
      marbles(({ cold, expectObservable }) => {
        const calls = cold('  --x--|', { x: call(method) });
        const expected = '    --#';
        expectObservable(calls.pipe(byMethod({ ping }), byCode())).toBe(expected, {}, 'ERR_METHOD_UNKNOWN');
      }));

  it('accepts a notification that has no route', () =>
    marbles(({ cold, expectObservable }) => {
      const calls = cold('  --x--|', { x: call('notifications/x', { id: null }) });
      const expected = '    --a--|';
      expectObservable(calls.pipe(byMethod({ ping }))).toBe(expected, { a: accepted });
    }));

  it('passes on errors, and unsubscribes what runs', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const running = cold<Reply>('  -----n');
      const routes = { 'tools/call': mergeMap(() => running) };
      const calls = cold('         --t--#', { t: call('tools/call') });
      const runningSubs = '        --^--!';
      const expected = '           -----#';
      expectObservable(calls.pipe(byMethod(routes), ignoreElements())).toBe(expected);
      expectSubscriptions(running.subscriptions).toBe(runningSubs);
    }));
});

describe('operators/handle', () => {
  it('takes a reply, a stream of them, or a refusal', () =>
    marbles(({ cold, expectObservable }) => {
      const replies = cold('  -(nr|)', { n: accepted, r });
      const calls = cold('  abc|', { a: enteredCall('a'), b: enteredCall('b'), c: enteredCall('c') });
      const expected = '    r-#';
      const handler = handle(({ message }) => {
        if (message.method === 'a') return r;
        if (message.method === 'b') return replies;
        throw refusal('ERR_FORBIDDEN', '');
      });
      expectObservable(calls.pipe(handler, byCode())).toBe(expected, { r, n: accepted }, 'ERR_FORBIDDEN');
    }));
});
