import assert from 'node:assert/strict';
import type { JsonRpcResponse } from '../../../src/protocol/jsonrpc.js';
import { asked } from '../../../src/sources/backends/mcp/asked.js';

describe('backends/mcp/asked', () => {
  const responses: JsonRpcResponse[] = [];
  const run = (method: string, capabilities = {}, id: string | number = 7, params?: object) =>
    asked(
      { jsonrpc: '2.0', id, method, ...(params && { params: params as Record<string, unknown> }) },
      capabilities,
      (response) => responses.push(response),
    );
  beforeEach(() => responses.splice(0));

  it('answers a ping at once', () => {
    assert.equal(run('ping'), undefined);
    assert.deepEqual(responses, [{ jsonrpc: '2.0', id: 7, result: {} }]);
  });

  for (const method of ['roots/list', 'sampling/createMessage', 'elicitation/create', 'tools/list', 'x'])
    it(`refuses ${method} for a client that can not answer it`, () => {
      assert.equal(run(method), undefined);
      assert.deepEqual(
        responses.map((response) => ['error' in response, response.id]),
        [[true, 7]],
      );
    });

  for (const id of [0, 'a', '7', ''])
    it(`gives the first answer to the server under its own id: ${JSON.stringify(id)}`, () => {
      const ask = run('roots/list', { roots: {} }, id);
      assert.deepEqual([ask?.kind, ask?.method, ask?.params, responses], ['ask', 'roots/list', {}, []]);
      ask?.answer({ result: { roots: [] } });
      ask?.answer({ error: { code: -1, message: 'late' } });
      assert.deepEqual(responses, [{ jsonrpc: '2.0', id, result: { roots: [] } }]);
    });

  it('gives an error of the client to the server', () => {
    const error = { code: -1, message: 'User rejected sampling request' };
    run('sampling/createMessage', { sampling: {} })?.answer({ error });
    assert.deepEqual(responses, [{ jsonrpc: '2.0', id: 7, error }]);
  });
});
