import type { CallRecord } from '../../../src/protocol/audit/callRecord.js';

let made = 0;

/** A record of a call, as a gateway makes them; `user` and so on are of its caller. */
export const recordOf = (
  fields: Partial<CallRecord> = {},
  who: Partial<NonNullable<CallRecord['who']>> = {},
): CallRecord => ({
  time: new Date().toISOString(),
  kind: 'call',
  id: `call-${++made}`,
  trace_id: made.toString(16).padStart(32, '0'),
  transport: 'http',
  revision: '2025-11-25',
  method: 'tools/call',
  target: 'send_email',
  server: 'mail',
  attempts: 1,
  outcome: 'success',
  bytes_in: 100,
  bytes_out: 400,
  duration_ms: 12.5,
  who: { id: 'who', method: 'jwt', user: 'ann', client: 'desk', tenant: 'red', ...who },
  ...fields,
});
