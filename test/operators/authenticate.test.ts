import assert from 'node:assert/strict';
import { refusal } from '../../src/protocol/errors.js';
import { authenticate } from '../../src/operators/authenticate.js';
import type { Exchange } from '../../src/streams/exchange.js';
import { byCode } from '../../src/testing/byCode.js';
import { call } from '../../src/testing/call.js';
import { marbles } from '../../src/testing/marbles.js';
import { ann } from './scenarios.js';

const a = call('tools/list');
const known = () => ann;
const nobody = () => {
  throw refusal('ERR_FORBIDDEN', 'who?');
};

describe('operators/authenticate', () => {
  it('passes a call in its frame, with who calls', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const calls = cold('  --a--|', { a });
      const subs = '        ^----!';
      const expected = '    --A--|';
      expectObservable(calls.pipe(authenticate(known))).toBe(expected, { A: { ...a, principal: ann } });
      expectSubscriptions(calls.subscriptions).toBe(subs);
    }));

  it('refuses whom it does not know', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const calls = cold('  --a--|', { a });
      const subs = '        ^-!';
      const expected = '    --#';
      expectObservable(calls.pipe(authenticate(nobody), byCode())).toBe(expected, {}, 'ERR_FORBIDDEN');
      expectSubscriptions(calls.subscriptions).toBe(subs);
    }));

  it('passes on an error of its source', () =>
    marbles(({ cold, expectObservable }) => {
      const calls = cold<Exchange>('  --#');
      const expected = '    --#';
      expectObservable(calls.pipe(authenticate())).toBe(expected);
    }));

  it('lets go when unsubscribed', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const calls = cold('  --a--|', { a });
      const subs = '        ^!';
      expectObservable(calls.pipe(authenticate()), '^!').toBe('--');
      expectSubscriptions(calls.subscriptions).toBe(subs);
    }));

  it('everybody is anonymous where nothing is configured; the log knows', () => {
    const exchange = call('x');
    assert.equal(authenticate().step(exchange) instanceof Object, true);
    assert.equal(exchange.notes.principal?.id, 'anonymous');
  });
});
