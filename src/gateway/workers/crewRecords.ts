import { Counter, type Registry } from 'prom-client';
import type { Observable } from 'rxjs';
import type { CallRecord } from '../../protocol/audit/callRecord.js';
import type { Log } from '../../streams/log.js';
import { onDemand } from '../../streams/onDemand.js';
import type { RecordBatch } from './messages.js';

export interface CrewRecordsOptions {
  /** Tells all workers whether they are to hand over records. */
  readonly want: (isWanted: boolean) => void;
  readonly registry: Registry;
  readonly log: Log;
}

/** The records of all workers as one. */
export interface CrewRecords {
  /** As a gateway's own; workers hand theirs over only while somebody is subscribed. */
  readonly records$: Observable<CallRecord>;
  take(batch: RecordBatch): void;
}

/** Gathers what workers tell of their calls. What they could not hand over in time is counted, and told of. */
export const crewRecords = ({ want, registry, log }: CrewRecordsOptions): CrewRecords => {
  const all = onDemand<CallRecord>(want);
  const lost = new Counter({
    name: 'mcp_gateway_records_dropped_total',
    help: 'Records of calls that workers could not hand to the first process in time; what it shows lacks them.',
    registers: [registry],
  });
  return {
    records$: all.values$,
    take({ records, dropped }) {
      for (const record of records) all.tell(record);
      if (dropped === 0) return;
      lost.inc(dropped);
      log.warn({ event: 'records_dropped', count: dropped }, 'A worker had more to tell than could be taken');
    },
  };
};
