import type { AuditRecord } from '../../protocol/audit/auditRecord.js';
import type { AuditSink } from './auditSink.js';

export interface AuditTrailOptions {
  readonly sink: AuditSink;
  /** A record as a line. */
  readonly format: (record: AuditRecord) => string;
  /** Told of each record that is taken, and of each that found no room. */
  readonly onRecord: (isTaken: boolean) => void;
}

/**
 * What has happened, a line each, in one place. One that can't be written to for so long that its room is full drops records, and says so in
 * the next one that is kept: nothing is missing silently.
 */
export class AuditTrail {
  readonly #options: AuditTrailOptions;
  #dropped = 0;

  constructor(options: AuditTrailOptions) {
    this.#options = options;
  }

  record(record: AuditRecord): void {
    const { sink, onRecord } = this.#options;
    if (!sink.hasRoom) {
      this.#dropped++;
      onRecord(false);
      return;
    }
    if (this.#dropped > 0) {
      const count = this.#dropped;
      this.#dropped = 0;
      this.#append({ time: record.time, kind: 'dropped', gateway: record.gateway, count });
    }
    this.#append(record);
    onRecord(true);
  }

  #append(record: AuditRecord): void {
    const { sink, format } = this.#options;
    sink.append(format(record));
  }
}
