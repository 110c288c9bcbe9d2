import assert from 'node:assert/strict';
import {
  errorTable,
  fromUnknown,
  GatewayError,
  refusal,
  type GatewayErrorCode,
} from '../../src/protocol/errors.js';

const codes = Object.keys(errorTable) as GatewayErrorCode[];

describe('protocol/errors', () => {
  for (const code of codes)
    it(`${code} lies where the specification allows`, () => {
      const { rpc, http, outcome } = errorTable[code];
      // -32002 and -32042 must not be sent by a 2026 server; new codes of our own lie outside what is reserved.
      const ofSpec = [-32700, -32600, -32601, -32602, -32603, -32020, -32021, -32022, -32000, -32001];
      assert.ok(ofSpec.includes(rpc) || rpc > -32000 || rpc < -32768, String(rpc));
      assert.ok(http === 200 || (http >= 400 && http < 600));
      assert.notEqual(outcome, 'success');
    });

  it('only what nobody may see hides its message', () =>
    assert.deepEqual(
      codes.filter((code) => !errorTable[code].expose),
      ['ERR_INTERNAL'],
    ));

  it('a refusal has no stack trace and leaves the limit as it was', () => {
    const limit = Error.stackTraceLimit;
    assert.equal(refusal('ERR_FORBIDDEN', 'no').stack?.includes('\n    at '), false);
    assert.equal(Error.stackTraceLimit, limit);
    assert.equal(new GatewayError('ERR_FORBIDDEN', 'no').stack?.includes('\n    at '), true);
  });

  it('fromUnknown keeps what it knows', () => {
    const error = refusal('ERR_TOOL_UNKNOWN', 'x');
    assert.equal(fromUnknown(error), error);
  });

  for (const thrown of [new TypeError('at 10.0.0.1'), 'text', undefined, null, { code: 'ERR_FORBIDDEN' }])
    it(`fromUnknown takes ${String(thrown)} for internal and shows nothing of it`, () => {
      const error = fromUnknown(thrown);
      assert.equal(error.code, 'ERR_INTERNAL');
      assert.deepEqual(error.toJsonRpc(), { code: -32603, message: 'Internal error' });
      assert.equal(error.cause, thrown);
    });

  it('data goes along, falsy too', () => {
    assert.deepEqual(refusal('ERR_FORBIDDEN', 'm', { data: 0 }).toJsonRpc(), {
      code: 4003,
      message: 'm',
      data: 0,
    });
  });
});
