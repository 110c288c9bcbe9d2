import { merge, type Observable } from 'rxjs';
import type { Settings } from '../config/settings.js';
import type { ConsoleRecord, SessionRecord } from '../protocol/audit/auditRecord.js';
import type { CallRecord } from '../protocol/audit/callRecord.js';
import { isRequest } from '../protocol/jsonrpc.js';
import type { Secrets } from '../protocol/sealer.js';
import { callRecord } from '../sinks/audit/callRecord.js';
import type { Exchange } from '../streams/exchange.js';
import { select, type Latest } from '../streams/latest.js';
import { onDemand } from '../streams/onDemand.js';
import type { SessionEvent } from '../streams/sessions.js';
import { recordedArguments } from './recordedArguments.js';
import { recordedDecision } from './recordedDecision.js';
import { redactionsOf } from './redactionsOf.js';
import { recordSessions } from './recordSessions.js';

/** The records of the calls of one process. */
export interface Recording {
  /** A record of each request that has ended from now on. Whoever takes them must be quick, must not throw, and keep within bounds. */
  readonly records$: Observable<CallRecord>;
  /** The same, of each session that was opened here, and what is noted of the console. */
  readonly all$: Observable<CallRecord | SessionRecord | ConsoleRecord>;
  /** Takes a record of the console. */
  readonly note: (record: ConsoleRecord) => void;
  /** Told of every exchange that has ended, and its trace. */
  readonly ended: (exchange: Exchange, traceId: string) => void;
}

export interface RecordingOptions {
  readonly settings: Latest<Settings>;
  readonly keys: Latest<Secrets>;
  readonly sessions: { readonly changes$: Observable<SessionEvent> };
  /** The id of this gateway among those that share its sessions; undefined for one that is alone. */
  readonly gateway: string | undefined;
}

/** Records what happened to each request, while somebody wants to know: otherwise nothing is made. */
export const recording = ({ settings, keys, sessions, gateway }: RecordingOptions): Recording => {
  const calls = onDemand<CallRecord>();
  const noted = onDemand<ConsoleRecord>();
  const redactions = select(settings, (current) => redactionsOf(current, keys.current));
  const opened = recordSessions(sessions.changes$, gateway, () => redactions.current);
  const argumentsOf = recordedArguments(settings, keys);
  const decisionOf = recordedDecision(settings);
  return {
    records$: calls.values$,
    all$: merge(calls.values$, opened.records$, noted.values$),
    note: (record) => noted.tell({ gateway, ...record }),
    ended(exchange, traceId) {
      if (calls.isWanted && isRequest(exchange.message))
        calls.tell(callRecord(exchange, { traceId, gateway, argumentsOf, decisionOf }));
      opened.ended(exchange);
    },
  };
};
