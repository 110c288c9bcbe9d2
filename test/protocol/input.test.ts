import assert from 'node:assert/strict';
import type { GatewayError } from '../../src/protocol/errors.js';
import { inputRequired, isAskable, missingCapability, relayable } from '../../src/protocol/input.js';

describe('protocol/input', () => {
  it('reads what a result asks for', () => {
    const roots = { method: 'roots/list' };
    assert.deepEqual(
      inputRequired({ resultType: 'input_required', inputRequests: { a: roots }, requestState: '' }),
      { inputRequests: { a: { method: 'roots/list', params: {} } }, requestState: '' },
    );
    assert.deepEqual(inputRequired({ resultType: 'input_required', requestState: 's' }), {
      inputRequests: {},
      requestState: 's',
    });
    assert.equal(inputRequired({ resultType: 'complete', inputRequests: { a: roots } }), undefined);
    assert.equal(inputRequired({ inputRequests: { a: roots } }), undefined);
  });

  for (const request of [null, 'x', 1, [], {}, { method: 1 }])
    it(`a request that is none is the backend's fault: ${JSON.stringify(request)}`, () =>
      void assert.throws(
        () => inputRequired({ resultType: 'input_required', inputRequests: { a: request } }),
        (error: GatewayError) => error.code === 'ERR_UPSTREAM_FAILED',
      ));

  for (const [inputRequests, requestState] of [
    [undefined, undefined],
    [{}, undefined],
    [[], 's'],
    ['x', 's'],
    [null, 's'],
    [{}, 5],
    [{ a: { method: 'roots/list' } }, {}],
  ])
    it(`a round that is none is the backend's fault: ${JSON.stringify([inputRequests, requestState])}`, () =>
      void assert.throws(
        () => inputRequired({ resultType: 'input_required', inputRequests, requestState }),
        (error: GatewayError) => error.code === 'ERR_UPSTREAM_FAILED',
      ));

  it('lets three capabilities cross, and nothing else', () => {
    assert.deepEqual(
      relayable({
        sampling: { tools: {} },
        elicitation: { url: {} },
        roots: { listChanged: true },
        tasks: {},
      }),
      { sampling: { tools: {} }, elicitation: { url: {} }, roots: {} },
    );
    assert.deepEqual(relayable({ sampling: true, elicitation: null }), {});
    assert.equal(isAskable({}), false);
    assert.equal(isAskable({ roots: {} }), true);
  });

  const elicit = (mode?: string) => ({
    method: 'elicitation/create',
    params: mode === undefined ? {} : { mode },
  });
  const sample = { method: 'sampling/createMessage', params: {} };
  const roots = { method: 'roots/list', params: {} };
  for (const [request, capabilities, missing] of [
    [sample, {}, { sampling: {} }],
    [sample, { sampling: {} }, undefined],
    [roots, { sampling: {} }, { roots: {} }],
    [roots, { roots: {} }, undefined],
    [elicit(), {}, { elicitation: {} }],
    [elicit(), { elicitation: {} }, undefined],
    [elicit('form'), { elicitation: {} }, undefined],
    [elicit('form'), { elicitation: { form: {} } }, undefined],
    [elicit('form'), { elicitation: { url: {} } }, { elicitation: { form: {} } }],
    [elicit('url'), {}, { elicitation: { url: {} } }],
    [elicit('url'), { elicitation: {} }, { elicitation: { url: {} } }],
    [elicit('url'), { elicitation: { form: {} } }, { elicitation: { url: {} } }],
    [elicit('url'), { elicitation: { form: {}, url: {} } }, undefined],
    [{ method: 'tasks/get', params: {} }, { sampling: {}, elicitation: {}, roots: {} }, {}],
  ] as const)
    it(`${request.method} ${JSON.stringify(request.params)} of ${JSON.stringify(capabilities)}: ${JSON.stringify(missing)}`, () =>
      assert.deepEqual(missingCapability(request, capabilities), missing));
});
