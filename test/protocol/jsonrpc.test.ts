import assert from 'node:assert/strict';
import { isCall, isResponse } from '../../src/protocol/jsonrpc.js';

describe('protocol/jsonrpc', () => {
  const calls: [string, unknown, boolean][] = [
    ['a request', { jsonrpc: '2.0', id: 0, method: 'ping' }, true],
    ['a notification', { jsonrpc: '2.0', method: 'notifications/initialized', params: {} }, true],
    ['an id of null', { jsonrpc: '2.0', id: null, method: 'ping' }, false],
    ['a fractional id', { jsonrpc: '2.0', id: 1.5, method: 'ping' }, false],
    ['no version', { id: 1, method: 'ping' }, false],
    ['params as an array', { jsonrpc: '2.0', id: 1, method: 'ping', params: [] }, false],
    ['a method that is no string', { jsonrpc: '2.0', id: 1, method: 1 }, false],
    ['an array', [], false],
    ['null', null, false],
  ];
  for (const [name, value, expected] of calls)
    it(`isCall: ${name} is ${expected ? 'one' : 'none'}`, () => assert.equal(isCall(value), expected));

  const responses: [string, unknown, boolean][] = [
    ['a success', { jsonrpc: '2.0', id: 1, result: {} }, true],
    ['a failure', { jsonrpc: '2.0', id: 'a', error: { code: -32603, message: 'x' } }, true],
    ['a failure without id', { jsonrpc: '2.0', error: { code: -32700, message: 'x' } }, true],
    ['both result and error', { jsonrpc: '2.0', id: 1, result: {}, error: { code: 1, message: '' } }, false],
    ['a success without id', { jsonrpc: '2.0', result: {} }, false],
    ['a request', { jsonrpc: '2.0', id: 1, method: 'ping' }, false],
  ];
  for (const [name, value, expected] of responses)
    it(`isResponse: ${name} is ${expected ? 'one' : 'none'}`, () =>
      assert.equal(isResponse(value), expected));
});
