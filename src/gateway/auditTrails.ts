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
import { LineFile, type LineFileOptions } from '../sinks/audit/lineFile.js';
import type { Loss } from '../sinks/audit/lostFile.js';
import { workerTrail } from '../sinks/audit/trailFiles.js';
import type { Log } from '../streams/log.js';
import { auditBatches, auditReceiver } from './auditReceiver.js';
import { overloaded } from './overloaded.js';

export interface AuditTrailsOptions {
  readonly log: Log;
  readonly version: string;
  readonly worker?: number | undefined;
  /** Its id among those that share their sessions. */
  readonly gateway: string | undefined;
  readonly registry: Registry;
  /** The credentials of a receiver at the moment. */
  readonly headersOf: (name: 'http' | 'otlp') => ReceiverSettings['headers'];
  /** Descriptor that stands for the standard output: 1, unless that is for something else. */
  readonly stdout?: number | undefined;
}

/** All places that records go to. */
export interface AuditTrails {
  record(record: AuditRecord): void;
  /** What is wrong with them now, in words. */
  notices(): readonly string[];
  /** How full the fullest of them is, 0 to 1. */
  fill(): number;
  close(): Promise<void>;
}

type SinkName = 'file' | 'stdout' | 'http' | 'otlp';
type Opened = Omit<AuditTrailOptions, 'onRecord'>;
type OpenOptions = AuditTrailsOptions & {
  readonly onLoss: (loss: Loss) => void;
  /** Told what is wrong with a place, and that nothing is any more. */
  readonly onTrouble: (sink: SinkName, why: string | undefined) => void;
};

/** Opens all places that the settings name. */
export const auditTrails = (audit: AuditSettings, options: AuditTrailsOptions): AuditTrails => {
  const { registry, gateway } = options;
  const onLoss = (reason: Loss): void => {
    lost.inc();
    record({ time: new Date().toISOString(), kind: 'file_lost', gateway, reason });
  };
  const troubles = new Map<SinkName, string>();
  const onTrouble = (sink: SinkName, why: string | undefined): void =>
    void (why === undefined ? troubles.delete(sink) : troubles.set(sink, why));
  const sinks = new Map(
    Object.entries(opened(audit, { ...options, onLoss, onTrouble })) as [SinkName, Opened][],
  );
  const { records, dropped, lost } = counters(registry, sinks, troubles);
  const trails = [...sinks].map(
    ([sink, trail]) =>
      new AuditTrail({ ...trail, onRecord: (isTaken) => (isTaken ? records : dropped).inc({ sink }) }),
  );
  const all = [...sinks.values()].map(({ sink }) => sink);
  const record = (of: AuditRecord): void => {
    for (const trail of trails) trail.record(of);
  };
  return {
    record,
    notices: () => [...troubles].map(([sink, why]) => `Audit trail (${sink}): ${why}`),
    fill: () => Math.max(...all.map(({ fill }) => fill)),
    close: async () => void (await Promise.all(all.map((sink) => sink.close()))),
  };
};

const opened = (audit: AuditSettings, options: OpenOptions): Partial<Record<SinkName, Opened>> => {
  const { log, version, worker, registry, headersOf, stdout, onTrouble } = options;
  const formats: Readonly<Record<AuditFormat, (record: AuditRecord) => string>> = {
    sluice: auditLine,
    ocsf: (record) => JSON.stringify(ocsfEvent(record, version)),
  };
  const hasReceivers = audit.http !== undefined || audit.otlp !== undefined;
  const common = {
    folder: worker === undefined ? audit.spool : workerTrail(audit.spool, worker),
    maxBytes: audit.maxSpoolBytes,
    onOverload: audit.onOverload,
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
      onTrouble: (why) => onTrouble(name, why),
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
      stdout: {
        sink: lineFile(audit, 'stdout', { ...options, sink: 'stdout', fd: stdout ?? 1 }),
        format: formats[audit.format],
      },
    }),
    ...(http !== undefined && { http: { sink: http, format: formats[audit.http?.format ?? 'sluice'] } }),
    ...(otlp !== undefined && { otlp: { sink: otlp, format: auditLine } }),
  };
};

const fileTrail = (
  { chain, key, keep, ...audit }: AuditSettings,
  wanted: string,
  options: OpenOptions,
  format: Opened['format'],
): Opened => {
  const { log, worker, onLoss } = options;
  const path = worker === undefined ? wanted : workerTrail(wanted, worker);
  const seal = chain ? { seal: fileChain({ path, key: key?.reveal(), keep }) } : {};
  const told = (loss: Loss): void => {
    log.error({ event: 'audit_file_lost', path, reason: loss }, losses[loss]);
    onLoss(loss);
  };
  return {
    sink: lineFile({ ...audit, keep }, path, { ...options, sink: 'file', ...seal, onLoss: told }),
    format,
  };
};

const losses: Readonly<Record<Loss, string>> = {
  removed: 'The file of the audit trail was taken away: another is begun, and the trail has a break there',
  replaced:
    'Another file is where that of the audit trail was: it is gone on with, and the trail has a break there',
  emptied:
    'Somebody has cut off what was in the file of the audit trail: it is gone on with, and the trail has a break there',
};

const lineFile = (
  { maxBytes, keep, onOverload }: Pick<AuditSettings, 'maxBytes' | 'keep' | 'onOverload'>,
  path: string,
  {
    log,
    onTrouble,
    sink,
    ...more
  }: Pick<OpenOptions, 'log' | 'onTrouble'> &
    Pick<LineFileOptions, 'fd' | 'seal' | 'onLoss'> & { readonly sink: SinkName },
): LineFile =>
  new LineFile({
    ...more,
    path,
    maxBytes,
    keep,
    maxPendingBytes: limits.auditPendingBytes,
    onState: (failure) => {
      const why = `can not be written (${failure?.code ?? ''}): ${overloaded[onOverload]}`;
      onTrouble(sink, failure && why);
      if (failure === undefined) log.info({ event: 'audit_back', path }, 'The audit trail is written again');
      else log.error({ event: 'audit_failed', path, code: failure.code }, `The audit trail ${why}`);
    },
  });

const counters = (
  registry: Registry,
  sinks: ReadonlyMap<SinkName, Opened>,
  troubles: ReadonlyMap<SinkName, string>,
) => {
  const registers = [registry];
  const counter = (name: string, help: string): Counter<'sink'> => {
    const made = new Counter({ name, help, labelNames: ['sink'], registers });
    for (const sink of sinks.keys()) made.inc({ sink }, 0);
    return made;
  };
  new Gauge({
    name: 'mcp_gateway_audit_failing',
    help: '1 while records can not be written there, or the receiver does not take them.',
    labelNames: ['sink'],
    registers,
    collect() {
      for (const name of sinks.keys()) this.set({ sink: name }, Number(troubles.has(name)));
    },
  });
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
    lost: new Counter({
      name: 'mcp_gateway_audit_file_lost_total',
      help: 'How often the file of the audit trail was taken away or emptied by somebody else.',
      registers,
    }),
    records: counter('mcp_gateway_audit_records_total', 'Records taken for the audit trail.'),
    dropped: counter(
      'mcp_gateway_audit_dropped_total',
      'Records of the audit trail that found no room, because they could not be written or delivered for too long.',
    ),
  };
};
