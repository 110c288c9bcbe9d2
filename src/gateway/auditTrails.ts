import { Counter, Gauge, type Registry } from 'prom-client';
import { limits } from '../config/limits.js';
import type { AuditFormat, AuditSettings, ReceiverSettings } from '../config/auditSettings.js';
import type { AuditRecord } from '../protocol/audit/auditRecord.js';
import { ocsfEvent } from '../protocol/audit/ocsfEvent.js';
import { otlpLogs } from '../protocol/audit/otlpLogs.js';
import { auditLine } from '../sinks/audit/auditLine.js';
import type { AuditSink } from '../sinks/audit/auditSink.js';
import { AuditTrail, type AuditTrailOptions } from '../sinks/audit/auditTrail.js';
import { fileChain } from '../sinks/audit/fileChain.js';
import { LineFile } from '../sinks/audit/lineFile.js';
import { workerTrail } from '../sinks/audit/trailFiles.js';
import type { Log } from '../streams/log.js';
import { auditBatches, auditReceiver } from './auditReceiver.js';

export interface AuditTrailsOptions {
  readonly log: Log;
  readonly version: string;
  readonly worker?: number | undefined;
  readonly registry: Registry;
  /** The credentials of a receiver at the moment. */
  readonly headersOf: (name: 'http' | 'otlp') => ReceiverSettings['headers'];
  /** Descriptor that stands for the standard output: 1, unless that is for something else. */
  readonly stdout?: number | undefined;
}

/** All places that records go to. */
export interface AuditTrails {
  record(record: AuditRecord): void;
  /** How full the fullest of them is, 0 to 1. */
  fill(): number;
  close(): Promise<void>;
}

type SinkName = 'file' | 'stdout' | 'http' | 'otlp';
type Opened = Omit<AuditTrailOptions, 'onRecord'>;

/** Opens all places that the settings name. */
export const auditTrails = (audit: AuditSettings, options: AuditTrailsOptions): AuditTrails => {
  const { registry } = options;
  const sinks = new Map(Object.entries(opened(audit, options)) as [SinkName, Opened][]);
  const { records, dropped } = counters(registry, sinks);
  const trails = [...sinks].map(
    ([sink, trail]) =>
      new AuditTrail({ ...trail, onRecord: (isTaken) => (isTaken ? records : dropped).inc({ sink }) }),
  );
  const all = [...sinks.values()].map(({ sink }) => sink);
  return {
    record(record) {
      for (const trail of trails) trail.record(record);
    },
    fill: () => Math.max(...all.map(({ fill }) => fill)),
    close: async () => void (await Promise.all(all.map((sink) => sink.close()))),
  };
};

const opened = (audit: AuditSettings, options: AuditTrailsOptions): Partial<Record<SinkName, Opened>> => {
  const { log, version, worker, registry, headersOf, stdout } = options;
  const formats: Readonly<Record<AuditFormat, (record: AuditRecord) => string>> = {
    sluice: auditLine,
    ocsf: (record) => JSON.stringify(ocsfEvent(record, version)),
  };
  const hasReceivers = audit.http !== undefined || audit.otlp !== undefined;
  const common = {
    folder: worker === undefined ? audit.spool : workerTrail(audit.spool, worker),
    maxBytes: audit.maxSpoolBytes,
    log,
  };
  const batches = hasReceivers ? auditBatches(registry) : undefined;
  const receiver = (
    name: 'http' | 'otlp',
    to: ReceiverSettings,
    contentType: string,
    encode: (lines: string) => string,
  ): AuditSink | undefined =>
    batches &&
    auditReceiver({
      ...common,
      name,
      receiver: to,
      headers: () => headersOf(name),
      contentType,
      encode,
      batches,
    });
  const http = audit.http && receiver('http', audit.http, 'application/x-ndjson', (lines) => lines);
  const otlp =
    audit.otlp &&
    receiver('otlp', audit.otlp, 'application/json', (lines) =>
      JSON.stringify(
        otlpLogs(
          lines
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line) as AuditRecord),
          version,
        ),
      ),
    );
  return {
    ...(audit.file !== undefined && {
      file: fileTrail(audit, audit.file, options, formats[audit.format]),
    }),
    ...(audit.stdout && {
      stdout: { sink: lineFile(audit, 'stdout', log, stdout ?? 1), format: formats[audit.format] },
    }),
    ...(http !== undefined && { http: { sink: http, format: formats[audit.http?.format ?? 'sluice'] } }),
    ...(otlp !== undefined && { otlp: { sink: otlp, format: auditLine } }),
  };
};

const fileTrail = (
  audit: AuditSettings,
  wanted: string,
  { log, worker }: AuditTrailsOptions,
  format: Opened['format'],
): Opened => {
  const path = worker === undefined ? wanted : workerTrail(wanted, worker);
  const sink = lineFile(audit, path, log);
  return { sink, format, ...(audit.chain && { seal: fileChain(sink, path, audit.key?.reveal()) }) };
};

const lineFile = ({ maxBytes, keep }: AuditSettings, path: string, log: Log, fd?: number): LineFile =>
  new LineFile({
    path,
    ...(fd !== undefined && { fd }),
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

const counters = (registry: Registry, sinks: ReadonlyMap<SinkName, Opened>) => {
  const registers = [registry];
  const counter = (name: string, help: string): Counter<'sink'> => {
    const made = new Counter({ name, help, labelNames: ['sink'], registers });
    for (const sink of sinks.keys()) made.inc({ sink }, 0);
    return made;
  };
  new Gauge({
    name: 'mcp_gateway_audit_waiting_bytes',
    help: 'What waits to be written or delivered.',
    labelNames: ['sink'],
    registers,
    collect() {
      for (const [name, { sink }] of sinks) this.set({ sink: name }, sink.waitingBytes);
    },
  });
  return {
    records: counter('mcp_gateway_audit_records_total', 'Records taken for the audit trail.'),
    dropped: counter(
      'mcp_gateway_audit_dropped_total',
      'Records of the audit trail that found no room, because they could not be written or delivered for too long.',
    ),
  };
};
