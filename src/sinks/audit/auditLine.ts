import type { AuditRecord } from '../../protocol/audit/auditRecord.js';

/** A record in the gateway's own format, as one line of JSON; see schema/audit-record.schema.json. */
export const auditLine = (record: AuditRecord): string => JSON.stringify({ version: 1, ...record });
