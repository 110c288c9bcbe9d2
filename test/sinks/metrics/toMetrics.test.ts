import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import type { Outcome } from '../../../src/protocol/errors.js';
import { listenMethod, requestMethods } from '../../../src/protocol/methods.js';
import { toMetrics } from '../../../src/sinks/metrics/toMetrics.js';
import { call } from '../../../src/testing/call.js';
import { samples } from '../../support/samples.js';

const setUp = () => {
  const registry = new Registry();
  const ended = toMetrics(registry, { maxTools: 2 });
  const one = (method: string, server: string | undefined, outcome: Outcome | undefined, id?: null): void => {
    const exchange = call(method);
    const { message, ...rest } = exchange;
    Object.assign(exchange.notes, { server, outcome });
    ended(id === null ? { ...rest, message: { jsonrpc: '2.0', method } } : exchange);
  };
  return { one, read: async () => samples(await registry.metrics()) };
};

describe('sinks/metrics/toMetrics', () => {
  it('counts requests by method, server and outcome, and takes their time', async () => {
    const { one, read } = setUp();
    one('tools/call', 'orders', 'success');
    one('tools/call', 'orders', 'success');
    one('tools/call', 'orders', 'timeout');
    one('tools/list', undefined, 'success');
    one('tools/call', 'orders', undefined);
    const seen = await read();
    const total = (method: string, server: string, outcome: string) =>
      seen.get(`mcp_gateway_requests_total{method="${method}",server="${server}",outcome="${outcome}"}`);
    assert.equal(total('tools/call', 'orders', 'success'), 2);
    assert.equal(total('tools/call', 'orders', 'timeout'), 1);
    assert.equal(total('tools/call', 'orders', 'cancelled'), 1);
    assert.equal(total('tools/list', '', 'success'), 1);
    assert.equal(
      seen.get('mcp_gateway_request_duration_seconds_count{method="tools/call",server="orders"}'),
      4,
    );
  });

  it('no word of a client becomes a label, however many it invents', async () => {
    const { one, read } = setUp();
    for (let i = 0; i < 100; i++) one(`evil/${i}"}`, undefined, 'not_found');
    const counted = [...(await read())].filter(([name]) => name.startsWith('mcp_gateway_requests_total'));
    assert.deepEqual(counted, [
      ['mcp_gateway_requests_total{method="other",server="",outcome="not_found"}', 100],
    ]);
  });

  it('notifications are no requests; a standing stream is counted, and its length is no duration', async () => {
    const { one, read } = setUp();
    one('notifications/initialized', undefined, 'success', null);
    one(listenMethod, undefined, 'success');
    const names = [...(await read()).keys()];
    assert.deepEqual(
      names.filter((name) => name.includes('method=')),
      [`mcp_gateway_requests_total{method="${listenMethod}",server="",outcome="success"}`],
    );
  });

  it('knows the methods that the pipeline routes', () => {
    for (const method of ['tools/call', 'tasks/get', 'tasks/list', 'initialize', 'completion/complete'])
      assert.ok(requestMethods.has(method), method);
  });
});
