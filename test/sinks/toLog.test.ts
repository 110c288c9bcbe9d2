import assert from 'node:assert/strict';
import { knownPrincipal } from '../../src/streams/knownPrincipal.js';
import { refusal, GatewayError } from '../../src/protocol/errors.js';
import { traceIdOf } from '../../src/streams/traceIdOf.js';
import { toLog } from '../../src/sinks/toLog.js';
import type { Exchange } from '../../src/streams/exchange.js';
import type { Log } from '../../src/streams/log.js';
import { call } from '../../src/testing/call.js';

interface Line {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const lineOf = (exchange: Exchange): Line => {
  const lines: Line[] = [];
  const write = (level: string) => (fields: Readonly<Record<string, unknown>>) =>
    void lines.push({ level, fields });
  const log: Log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  toLog(log)(exchange, traceIdOf(exchange));
  assert.equal(lines.length, 1);
  return lines[0] as Line;
};

describe('sinks/toLog', () => {
  it('lists the attempts, where there is more to tell than their number', () => {
    const exchange = call('tools/call');
    assert.equal(lineOf(exchange).fields['tried'], undefined);
    exchange.notes.tried = [
      {
        instance: 'orders#2',
        kind: 'first',
        startedMs: 0.2,
        durationMs: 1.5,
        outcome: 'upstream_failed',
        error: 'ERR_UPSTREAM_UNREACHABLE',
      },
    ];
    assert.deepEqual(lineOf(exchange).fields['tried'], [
      {
        instance: 'orders#2',
        kind: 'first',
        started_ms: 0.2,
        duration_ms: 1.5,
        status: 'upstream_failed',
        error: 'ERR_UPSTREAM_UNREACHABLE',
      },
    ]);
  });

  it('has the fields of a tool call', () => {
    const exchange = call('tools/call', {
      params: { name: 'orders_get', arguments: { secret: 'hunter2' } },
      sessionId: 'also-secret',
    });
    Object.assign(exchange.notes, {
      principal: knownPrincipal({ id: 'ann', method: 'custom' }),
      server: 'orders',
      target: 'orders_get',
      instance: 'orders#1',
      attempts: 2,
      outcome: 'success',
    });
    const { level, fields } = lineOf(exchange);
    assert.equal(level, 'info');
    for (const [key, value] of Object.entries({
      event: 'tool_call',
      client_id: 'ann',
      tenant: null,
      server: 'orders',
      tool: 'orders_get',
      status: 'success',
      attempts: 2,
    }))
      assert.equal(fields[key], value, key);
    assert.ok((fields['duration_ms'] as number) >= 0);
    assert.match(String(fields['trace_id']), /^[0-9a-f]{32}$/);
    const text = JSON.stringify(fields);
    for (const secret of ['hunter2', 'also-secret']) assert.ok(!text.includes(secret));
  });

  it('names a refusal by its code', () => {
    const exchange = call('tools/call');
    exchange.notes.error = refusal('ERR_TOOL_UNKNOWN', 'Unknown tool: x');
    const { level, fields } = lineOf(exchange);
    assert.deepEqual(
      [level, fields['error'], fields['reason']],
      ['info', 'ERR_TOOL_UNKNOWN', 'Unknown tool: x'],
    );
  });

  it('a defect of ours is an error, with its cause', () => {
    const cause = new TypeError('x is undefined');
    const exchange = call('tools/call');
    exchange.notes.error = new GatewayError('ERR_INTERNAL', cause.message, { cause });
    const { level, fields } = lineOf(exchange);
    assert.deepEqual([level, fields['err']], ['error', cause]);
  });

  it('notifications are for debugging', () =>
    assert.equal(lineOf(call('notifications/x', { id: null })).level, 'debug'));

  const trace = 'ab'.repeat(16);
  const traceparent = `00-${trace}-${'cd'.repeat(8)}-01`;
  const traces: [string, Parameters<typeof call>[1], boolean][] = [
    ['of _meta', { params: { _meta: { traceparent } } }, true],
    ['of the header', { headers: { traceparent } }, true],
    ['that is malformed', { headers: { traceparent: `00-${trace}` } }, false],
    ['sent twice', { headers: { traceparent: [traceparent, traceparent] } }, false],
  ];
  for (const [name, options, known] of traces)
    it(`a trace ${name} is ${known ? 'kept' : 'begun anew'}`, () =>
      assert.equal(lineOf(call('tools/call', options)).fields['trace_id'] === trace, known));
});
