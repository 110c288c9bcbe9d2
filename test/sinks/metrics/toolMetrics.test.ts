import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { openMetrics } from '../../../src/sinks/metrics/openMetrics.js';
import { toolMetrics } from '../../../src/sinks/metrics/toolMetrics.js';
import { CallTrace } from '../../../src/streams/callTrace.js';
import { call } from '../../../src/testing/call.js';
import { samples } from '../../support/samples.js';

const setUp = (maxTools = 2) => {
  const registry = new Registry();
  const ended = toolMetrics(registry, { maxTools });
  const called = (target: string, server: string | undefined, traced?: boolean): void => {
    const exchange = call('tools/call');
    Object.assign(exchange.notes, { target, server, outcome: 'success' });
    if (traced !== undefined)
      exchange.notes.trace.own = new CallTrace({ context: {}, beside: undefined }, () => traced);
    ended(exchange);
  };
  return { registry, called };
};

describe('sinks/metrics/toolMetrics', () => {
  it('has so many tools by name, and the rest together', async () => {
    const { registry, called } = setUp();
    for (const name of ['a_x', 'a_y', 'a_z', 'a_x', 'a_w']) called(name, 'a');
    called('nobody', undefined);
    const seen = samples(await registry.metrics());
    const total = (tool: string) =>
      seen.get(`mcp_gateway_tool_calls_total{tool="${tool}",server="a",outcome="success"}`);
    assert.deepEqual(['a_x', 'a_y', 'a_z', 'other', 'nobody'].map(total), [2, 1, undefined, 2, undefined]);
    assert.equal(seen.get('mcp_gateway_tool_duration_seconds_count{tool="other",server="a"}'), 2);
  });

  it('names the trace of a call that is traced, for who reads OpenMetrics', async () => {
    const { registry, called } = setUp();
    called('a_x', 'a', true);
    called('a_y', 'a', false);
    const text = await openMetrics(registry);
    const told = text.split('\n').filter((line) => line.includes(' # '));
    assert.equal(told.length, 1);
    assert.match(
      told[0] ?? '',
      /^mcp_gateway_tool_duration_seconds_bucket\{le="[0-9.]+",tool="a_x",server="a"\} 1 # \{trace_id="[0-9a-f]{32}"\} [0-9.e-]+ [0-9.]+$/,
    );
    assert.match(text, /\n# TYPE mcp_gateway_tool_calls counter\nmcp_gateway_tool_calls_total\{/);
    assert.ok(text.endsWith('\n# EOF\n'));
    assert.ok(!(await registry.metrics()).includes(' # {'), 'the older format knows none');
    assert.ok((await registry.metrics()).includes('\n# TYPE mcp_gateway_tool_calls_total counter\n'));
  });
});
