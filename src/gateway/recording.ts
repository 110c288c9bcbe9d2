import type { Observable } from 'rxjs';
import type { CallRecord } from '../protocol/audit/callRecord.js';
import { isRequest } from '../protocol/jsonrpc.js';
import { callRecord } from '../sinks/audit/callRecord.js';
import type { Exchange } from '../streams/exchange.js';
import { onDemand } from '../streams/onDemand.js';

/** The records of the calls of one process. */
export interface Recording {
  /** A record of each request that has ended from now on. Whoever takes them must be quick, must not throw, and keep within bounds. */
  readonly records$: Observable<CallRecord>;
  /** Told of every exchange that has ended, and its trace. */
  readonly ended: (exchange: Exchange, traceId: string) => void;
}

/**
 * Records what happened to each request, while somebody wants to know: otherwise nothing is made.
 *
 * @param gateway the id of this gateway among those that share its sessions; undefined for one that is alone
 */
export const recording = (gateway: string | undefined): Recording => {
  const records = onDemand<CallRecord>();
  return {
    records$: records.values$,
    ended(exchange, traceId) {
      if (records.isWanted && isRequest(exchange.message))
        records.tell(callRecord(exchange, { traceId, gateway }));
    },
  };
};
