import type { AuditRecord } from './auditRecord.js';

/**
 * Records as a request of OTLP/HTTP in JSON (opentelemetry-proto, `ExportLogsServiceRequest`): each is one log record whose body is the
 * whole, and whose attributes are what one looks for.
 *
 * @param release the version of this program
 */
export const otlpLogs = (records: readonly AuditRecord[], release: string): object => ({
  resourceLogs: [
    {
      resource: { attributes: attributes({ 'service.name': 'sluice', 'service.version': release }) },
      scopeLogs: [{ scope: { name: 'sluice.audit', version: release }, logRecords: records.map(logRecord) }],
    },
  ],
});

const logRecord = (record: AuditRecord): object => {
  const isCall = record.kind === 'call';
  const isGood = !isCall || record.outcome === 'success';
  const time = `${Date.parse(record.time)}000000`;
  return {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    eventName: `sluice.audit.${record.kind}`,
    ...(isGood ? { severityNumber: 9, severityText: 'INFO' } : { severityNumber: 13, severityText: 'WARN' }),
    body: anyValue(record),
    attributes: attributes(looked(record)),
    ...(isCall && { traceId: record.trace_id }),
  };
};

/** By the names of the semantic conventions where they have one. */
const looked = (record: AuditRecord): Readonly<Record<string, unknown>> => {
  const kind = { 'sluice.audit.kind': record.kind, 'service.instance.id': record.gateway };
  if (record.kind !== 'call') return kind;
  const { who, method, target, server, session, outcome, error, address, duration_ms: duration } = record;
  return {
    ...kind,
    'mcp.method.name': method,
    ...(method === 'tools/call' && { 'gen_ai.tool.name': target }),
    'user.id': who?.id,
    'user.name': who?.user,
    'client.address': address,
    'error.type': error,
    'sluice.client': who?.client,
    'sluice.tenant': who?.tenant,
    'sluice.server': server,
    'sluice.session': session,
    'sluice.outcome': outcome,
    'sluice.duration_ms': duration,
  };
};

const attributes = (values: Readonly<Record<string, unknown>>): readonly object[] =>
  Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: anyValue(value) }],
  );

/** A value as `AnyValue`; whole numbers are texts there (64 bits). */
const anyValue = (value: unknown): object => {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
    default:
      if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
      if (value === null || value === undefined) return {};
      return { kvlistValue: { values: attributes(value as Readonly<Record<string, unknown>>) } };
  }
};
