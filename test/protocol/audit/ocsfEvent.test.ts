import assert from 'node:assert/strict';
import type { AuditRecord } from '../../../src/protocol/audit/auditRecord.js';
import type { CallRecord } from '../../../src/protocol/audit/callRecord.js';
import { ocsfEvent } from '../../../src/protocol/audit/ocsfEvent.js';
import { assertAuditRecord } from '../../support/auditSchema.js';

const time = '2026-11-21T20:00:00.500Z';

const call: CallRecord = {
  time,
  kind: 'call',
  id: 'a-1',
  trace_id: 'c'.repeat(32),
  who: { id: 'key 7', method: 'api_key', user: 'ann', client: 'cli', tenant: 'acme', roles: ['support'] },
  address: '192.0.2.7',
  transport: 'http',
  revision: '2026-07-28',
  session: 'digest',
  method: 'tools/call',
  server: 'mail',
  target: 'mail_send',
  instance: 'mail#1',
  attempts: 1,
  decision: { allow: false, policy: 'gateway', reason: 'not on Sundays' },
  arguments: { to: '[mail]' },
  outcome: 'forbidden',
  error: 'ERR_FORBIDDEN',
  reason: 'not on Sundays',
  bytes_in: 300,
  bytes_out: 120,
  duration_ms: 2.25,
};

/** What a JSON writer leaves out is not there. */
const written = (record: AuditRecord) =>
  JSON.parse(JSON.stringify(ocsfEvent(record, '1.2.3'))) as Record<string, unknown>;

/** What the schema requires of each class (ocsf-schema 1.4: base_event, classes, and the objects in them), as paths. */
const required: Readonly<Record<number, readonly string[]>> = {
  0: [],
  3002: ['user'],
  3004: ['entity'],
  6002: ['app'],
  6003: ['actor', 'api', 'api.operation', 'src_endpoint'],
};
const everywhere = [
  'activity_id',
  'category_uid',
  'class_uid',
  'metadata',
  'metadata.product',
  'metadata.product.vendor_name',
  'metadata.version',
  'severity_id',
  'time',
  'type_uid',
];
const at = (event: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], event);

describe('protocol/audit: ocsfEvent', () => {
  const records: readonly [AuditRecord, number, number][] = [
    [call, 6003, 99],
    [{ ...call, method: 'tools/list', outcome: 'success', who: undefined, address: undefined }, 6003, 2],
    [
      {
        time,
        kind: 'session_opened',
        session: 'd',
        transport: 'http',
        revision: '2025-11-25',
        who: call.who,
      },
      3002,
      1,
    ],
    [{ time, kind: 'session_closed', session: 'd', transport: 'http', revision: '2025-11-25' }, 3002, 2],
    [{ time, kind: 'console_signed_in', method: 'key', person: { user: 'ops', role: 'admin' } }, 3002, 1],
    [{ time, kind: 'console_sign_in_refused', method: 'oidc', address: '192.0.2.7' }, 3002, 1],
    [
      {
        time,
        kind: 'console_signed_out',
        method: 'key',
        person: { user: 'ops', role: 'admin', tenant: 'a' },
      },
      3002,
      2,
    ],
    [
      {
        time,
        kind: 'console_session_ended',
        method: 'key',
        person: { user: 'ops', role: 'admin' },
        session: 'd',
      },
      3002,
      99,
    ],
    [{ time, kind: 'policy_changed', policy: 'gateway', source: 'bundle', revision: 'r2' }, 3004, 3],
    [{ time, kind: 'policy_rejected', policy: 'gateway', source: 'rego', reason: 'line 3' }, 3004, 3],
    [{ time, kind: 'started', release: '1.2.3' }, 6002, 3],
    [{ time, kind: 'stopped' }, 6002, 4],
    [{ time, kind: 'configuration_changed', keys: ['servers'] }, 3004, 3],
    [{ time, kind: 'dropped', count: 3 }, 0, 99],
  ];
  for (const [record, classUid, activity] of records)
    it(`${record.kind} is ${classUid}, with all that this class requires`, () => {
      assertAuditRecord(JSON.parse(JSON.stringify({ version: 1, ...record })));
      const event = written(record);
      assert.equal(event['class_uid'], classUid);
      assert.equal(event['activity_id'], activity);
      assert.equal(event['type_uid'], classUid * 100 + activity);
      assert.equal(event['category_uid'], Math.floor(classUid / 1000));
      assert.equal(event['time'], Date.parse(time));
      for (const path of [...everywhere, ...(required[classUid] ?? assert.fail())])
        assert.notEqual(at(event, path), undefined, path);
    });

  it('says who did what with which end', () => {
    const event = written(call);
    assert.deepEqual(event['actor'], {
      user: { uid: 'key 7', name: 'ann', type_id: 1, org: { name: 'acme' }, groups: [{ name: 'support' }] },
      app_uid: 'cli',
      session: { uid: 'digest' },
      authorizations: [{ decision: 'Denied', policy: { name: 'gateway', desc: 'not on Sundays' } }],
    });
    assert.equal(at(event, 'resources.0.name'), 'mail_send');
    assert.equal(at(event, 'api.service.name'), 'mail');
    assert.equal(at(event, 'src_endpoint.ip'), '192.0.2.7');
    assert.equal(at(event, 'metadata.correlation_uid'), call.trace_id);
    assert.deepEqual(
      [event['status_id'], event['status_code'], event['severity_id'], event['duration']],
      [2, 'ERR_FORBIDDEN', 3, 2],
    );
    assert.deepEqual(at(event, 'unmapped.arguments'), { to: '[mail]' });
  });
});
