import assert from 'node:assert/strict';
import { openState } from '../../src/operators/openState.js';
import type { GatewayError } from '../../src/protocol/errors.js';
import { requestDigest, stateSeal, type CallState } from '../../src/protocol/sealedState.js';
import type { Exchange, Resolved, Resuming, Target } from '../../src/streams/exchange.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { resolvedCall } from './scenarios.js';
import type { CallOptions } from '../../src/testing/call.js';

const seal = stateSeal({ keys: [Buffer.alloc(32, 1)], ttlMs: 1000, now: () => 0 });
const params = { name: 'get', arguments: { id: 7 } };
const state: CallState = {
  principalId: 'ann',
  server: 'orders',
  method: 'tools/call',
  digest: requestDigest('tools/call', params),
};
const step = openState(seal).step;
const open = (target: Partial<Target>, options: CallOptions = {}): Exchange & Resolved & Resuming =>
  step(resolvedCall(target, options)) as Exchange & Resolved & Resuming;
const retry = (requestState: unknown, more = {}) => ({ params: { ...params, ...more, requestState } });
const refused = (target: Partial<Target>): void =>
  void assert.throws(
    () => open(target),
    (error: GatewayError) => error.code === 'ERR_STATE_INVALID' && error.toJsonRpc().code === -32602,
  );

describe('operators/openState', () => {
  it('passes a call without a state as it is', () => {
    const { parked, target } = open({ params });
    assert.deepEqual([parked, target.params], [undefined, params]);
    // Answers need no state: a server may ask without one.
    const answered = { ...params, inputResponses: { a: {} } };
    assert.deepEqual(open({ params: answered }).target.params, answered);
  });

  for (const upstream of ['opaque', '', ' {"a":1}\n', '\u0000é😀'])
    it(`puts the server's own state back, byte by byte: ${JSON.stringify(upstream)}`, () => {
      const inputResponses = { a: { action: 'accept' } };
      const { parked, target } = open(retry(seal.seal({ ...state, upstream }), { inputResponses }));
      assert.equal(parked, undefined);
      assert.deepEqual(target.params, { ...params, inputResponses, requestState: upstream });
    });

  it('gives no state to a server that sent none, and the parked call to go on with', () => {
    const { parked, target } = open(retry(seal.seal({ ...state, parked: 'p1' })));
    assert.deepEqual([parked, target.params], ['p1', params]);
  });

  const foreign: Readonly<Record<string, Partial<CallState>>> = {
    principal: { principalId: 'bob' },
    server: { server: 'bills' },
    method: { method: 'prompts/get' },
    arguments: { digest: requestDigest('tools/call', { ...params, arguments: { id: 8 } }) },
    tool: { digest: requestDigest('tools/call', { ...params, name: 'pay' }) },
  };
  for (const [what, part] of Object.entries(foreign))
    it(`refuses a state of another ${what}`, () => refused(retry(seal.seal({ ...state, ...part }))));

  it('binds a state to its server, not to a name in the request', () =>
    refused({ ...retry(seal.seal(state)), server: serverOffering('bills', {}) }));

  for (const made of ['', 'x', 7, null, {}, [], true])
    it(`refuses a state that is none: ${JSON.stringify(made)}`, () => refused(retry(made)));

  it('takes nothing for a round where the revision has none', () => {
    const target = retry(seal.seal({ ...state, parked: 'p1' }), { inputResponses: { a: {} } });
    const opened = open(target, { version: '2025-11-25' });
    assert.deepEqual([opened.parked, opened.target.params], [undefined, params]);
  });
});
