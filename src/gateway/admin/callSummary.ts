import type { CallRecord } from '../../protocol/audit/callRecord.js';

/** A call as lists show it. */
export const callSummary = (record: CallRecord) => ({
  id: record.id,
  time: record.time,
  user: record.who?.user,
  client: record.who?.client,
  tenant: record.who?.tenant,
  address: record.address,
  method: record.method,
  tool: record.target,
  server: record.server,
  instance: record.instance,
  outcome: record.outcome,
  error: record.error,
  duration_ms: record.duration_ms,
  attempts: record.attempts,
  trace_id: record.trace_id,
});
