import assert from 'node:assert/strict';
import { admit } from '../../src/operators/admit.js';
import { GatewayError } from '../../src/protocol/errors.js';
import { internalMethods } from '../../src/protocol/methods.js';
import { byCode } from '../../src/testing/byCode.js';
import { call } from '../../src/testing/call.js';
import { marbles } from '../../src/testing/marbles.js';

describe('operators/admit', () => {
  it('lets everything in until the gateway shuts down, then no request', () =>
    marbles(({ cold, expectObservable }) => {
      let draining = false;
      const a = call('tools/call');
      const calls = cold(' --a----a--|', { a });
      cold('               ----d').subscribe(() => (draining = true));
      const expected = '   --a----#';
      expectObservable(
        calls.pipe(
          admit(() => draining),
          byCode(),
        ),
      ).toBe(expected, { a }, 'ERR_DRAINING');
    }));

  it('lets notifications and answers pass: they end calls that are still served', () => {
    const { step } = admit(() => true);
    for (const method of ['notifications/cancelled', 'sluice/response']) {
      const passing = call(method, { id: null });
      assert.equal(step(passing), passing);
    }
  });

  it('refuses streams that would only be cut, and lets in what another instance relays', () => {
    const { step } = admit(() => true);
    for (const method of [internalMethods.stream, internalMethods.resume])
      assert.throws(() => step(call(method, { id: null })), { code: 'ERR_DRAINING' });
    const relayed = call('tools/call', { headers: { 'sluice-relayed': 'somebody' } });
    assert.equal(step(relayed), relayed);
  });

  it('says when to come back, and that it will not be on this connection', () =>
    void assert.throws(
      () => admit(() => true).step(call('ping')),
      (error) =>
        error instanceof GatewayError &&
        error.facts.http === 503 &&
        error.headers?.['retry-after'] === '1' &&
        error.headers['connection'] === 'close',
    ));
});
