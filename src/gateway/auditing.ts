import { Counter, type Registry } from 'prom-client';
import type { Observable } from 'rxjs';
import { limits } from '../config/limits.js';
import type { AuditSettings } from '../config/auditSettings.js';
import type { Settings } from '../config/settings.js';
import type { CallRecord } from '../protocol/audit/callRecord.js';
import { AuditTrail } from '../sinks/audit/auditTrail.js';
import { LineFile } from '../sinks/audit/lineFile.js';
import { workerTrail } from '../sinks/audit/trailFiles.js';
import { drain } from '../streams/drain.js';
import type { Latest } from '../streams/latest.js';
import type { Log } from '../streams/log.js';

/** The audit trail of one gateway. */
export interface Auditing {
  /** Resolves when the last record is on disk. */
  close(): Promise<void>;
}

export interface AuditingOptions {
  readonly log: Log;
  readonly version: string;
  readonly worker: number | undefined;
  readonly gateway: string | undefined;
  readonly registry: Registry;
  readonly records$: Observable<CallRecord>;
}

const none: Auditing = { close: () => Promise.resolve() };

/** Keeps the audit trail that the settings ask for at the start of the gateway. */
export const auditing = (settings: Latest<Settings>, options: AuditingOptions): Auditing => {
  const { audit } = settings.current;
  if (audit === undefined) return none;
  const { version, gateway } = options;
  const { file, trail } = open(audit, options);
  trail.record({ kind: 'started', gateway, release: version });
  let before = settings.current;
  const calls = drain(options.records$, (record) => trail.record(record));
  const changes = drain(settings.changes$, (next) => {
    const keys = changedKeys(before, next);
    before = next;
    if (keys.length > 0) trail.record({ kind: 'configuration_changed', gateway, keys });
  });
  return {
    close() {
      calls.unsubscribe();
      changes.unsubscribe();
      trail.record({ kind: 'stopped', gateway });
      return file.close();
    },
  };
};

const open = (
  { file: wanted, maxBytes, keep, chain, key }: AuditSettings,
  { log, worker, registry }: AuditingOptions,
) => {
  const path = worker === undefined ? wanted : workerTrail(wanted, worker);
  const dropped = new Counter({
    name: 'mcp_gateway_audit_dropped_total',
    help: 'Records of the audit trail that found no room because the file could not be written for too long.',
    registers: [registry],
  });
  const file = new LineFile({
    path,
    maxBytes,
    keep,
    maxPendingBytes: limits.auditPendingBytes,
    onState: (failure) => {
      if (failure === undefined) log.info({ event: 'audit_back', path }, 'The audit trail is written again');
      else
        log.error(
          { event: 'audit_failed', path, code: failure.code },
          'The audit trail can not be written: records wait, and are dropped when there is no more room',
        );
    },
  });
  const trail = new AuditTrail({
    file,
    path,
    chain: chain ? { key: key?.reveal() } : undefined,
    onDropped: () => dropped.inc(),
  });
  return { file, trail };
};

/** The keys of the settings whose values differ; secrets are compared as the words they are shown as. */
const changedKeys = (before: Settings, next: Settings): readonly string[] => {
  const keys = new Set([...Object.keys(before), ...Object.keys(next)]) as Set<keyof Settings>;
  return [...keys].filter((key) => JSON.stringify(before[key]) !== JSON.stringify(next[key]));
};
