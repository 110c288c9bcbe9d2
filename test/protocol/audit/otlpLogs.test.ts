import assert from 'node:assert/strict';
import type { CallRecord } from '../../../src/protocol/audit/callRecord.js';
import { otlpLogs } from '../../../src/protocol/audit/otlpLogs.js';

describe('protocol/audit: otlpLogs', () => {
  it('writes a record as the JSON of OTLP, with its trace, and the whole of it as the body', () => {
    const record = {
      time: '2026-11-21T20:00:00.500Z',
      kind: 'call',
      trace_id: 'c'.repeat(32),
      method: 'tools/call',
      target: 'mail_send',
      outcome: 'forbidden',
      attempts: 2,
      duration_ms: 1.5,
      tried: [{ instance: 'a', kind: 'first', started_ms: 0 }],
      who: { id: 'ann', method: 'jwt', user: undefined },
    } as unknown as CallRecord;
    const request = JSON.parse(JSON.stringify(otlpLogs([record], '1.2.3'))) as {
      resourceLogs: [
        { resource: unknown; scopeLogs: [{ scope: unknown; logRecords: [Record<string, unknown>] }] },
      ];
    };
    const [{ resource, scopeLogs }] = request.resourceLogs;
    assert.deepEqual(resource, {
      attributes: [
        { key: 'service.name', value: { stringValue: 'sluice' } },
        { key: 'service.version', value: { stringValue: '1.2.3' } },
      ],
    });
    const { body, attributes, ...rest } = scopeLogs[0].logRecords[0];
    assert.deepEqual(rest, {
      timeUnixNano: '1795291200500000000',
      observedTimeUnixNano: '1795291200500000000',
      eventName: 'sluice.audit.call',
      severityNumber: 13,
      severityText: 'WARN',
      traceId: 'c'.repeat(32),
    });
    const looked = Object.fromEntries(
      (attributes as { key: string; value: object }[]).map(({ key, value }) => [key, value]),
    );
    assert.deepEqual(looked['gen_ai.tool.name'], { stringValue: 'mail_send' });
    assert.deepEqual(looked['sluice.duration_ms'], { doubleValue: 1.5 });
    const { values } = (body as { kvlistValue: { values: { key: string; value: unknown }[] } }).kvlistValue;
    const of = (key: string) => values.find((one) => one.key === key)?.value;
    assert.deepEqual(of('attempts'), { intValue: '2' });
    assert.deepEqual(of('who'), {
      kvlistValue: {
        values: [
          { key: 'id', value: { stringValue: 'ann' } },
          { key: 'method', value: { stringValue: 'jwt' } },
        ],
      },
    });
    assert.deepEqual(of('tried'), {
      arrayValue: {
        values: [
          {
            kvlistValue: {
              values: [
                { key: 'instance', value: { stringValue: 'a' } },
                { key: 'kind', value: { stringValue: 'first' } },
                { key: 'started_ms', value: { intValue: '0' } },
              ],
            },
          },
        ],
      },
    });
  });
});
