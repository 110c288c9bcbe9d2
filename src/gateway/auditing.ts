import type { Registry } from 'prom-client';
import { Subscription, type Observable } from 'rxjs';
import { limits } from '../config/limits.js';
import type { ReceiverSettings } from '../config/auditSettings.js';
import type { Settings } from '../config/settings.js';
import type { AuditRecord } from '../protocol/audit/auditRecord.js';
import { refusal } from '../protocol/errors.js';
import { drain } from '../streams/drain.js';
import type { Latest } from '../streams/latest.js';
import type { Log } from '../streams/log.js';
import { roomGate } from '../streams/roomGate.js';
import { auditTrails } from './auditTrails.js';
import type { PolicyChange } from './livePolicy.js';

/** The audit trail of one gateway. */
export interface Auditing {
  /** Where calls are to wait rather than go unrecorded: completes when there is room, or errors; undefined while there is. */
  readonly room: () => Observable<never> | undefined;
  /** Whether calls wait or are refused, because no record of them could be kept. */
  isFull(): boolean;
  /** What an operator has to know of it now. */
  notices(): readonly string[];
  /** Resolves when the last record is on disk, or delivered. */
  close(): Promise<void>;
}

export interface AuditingOptions {
  readonly log: Log;
  readonly version: string;
  readonly worker?: number | undefined;
  readonly gateway: string | undefined;
  readonly registry: Registry;
  /** Records of calls and sessions. */
  readonly all$: Observable<AuditRecord>;
  readonly policies$: Observable<PolicyChange>;
  /** Descriptor that stands for the standard output: 1, unless that is for something else. */
  readonly stdout?: number | undefined;
}

const none: Auditing = {
  room: () => undefined,
  isFull: () => false,
  notices: () => [],
  close: () => Promise.resolve(),
};

/** Keeps the audit trail that the settings ask for at the start of the gateway. */
export const auditing = (settings: Latest<Settings>, options: AuditingOptions): Auditing => {
  const { audit } = settings.current;
  if (audit === undefined) return none;
  const { version, gateway, all$, policies$ } = options;
  const headersOf = (name: 'http' | 'otlp'): ReceiverSettings['headers'] =>
    (settings.current.audit?.[name] ?? audit[name])?.headers ?? {};
  const trails = auditTrails(audit, { ...options, headersOf });
  const now = () => ({ time: new Date().toISOString(), gateway });
  trails.record({ ...now(), kind: 'started', release: version });
  let before = settings.current;
  const feeds = new Subscription();
  /** Whoever closes it twice waits for the first time. */
  let closing: Promise<void> | undefined;
  feeds.add(drain(all$, (record) => trails.record(record)));
  feeds.add(
    drain(settings.changes$, (next) => {
      const keys = changedKeys(before, next);
      before = next;
      if (keys.length > 0) trails.record({ ...now(), kind: 'configuration_changed', keys });
    }),
  );
  feeds.add(
    drain(policies$, ({ name, kind: source, revision, reason }) =>
      trails.record({
        ...now(),
        kind: reason === undefined ? 'policy_changed' : 'policy_rejected',
        policy: name,
        source,
        revision,
        reason,
      }),
    ),
  );
  const room =
    audit.onOverload === 'drop'
      ? none.room
      : roomGate({ fill: () => trails.fill(), waitMs: limits.auditWaitMs, refusal: unrecorded });
  return {
    room,
    isFull: () => room() !== undefined,
    notices: () => trails.notices(),
    close() {
      if (closing === undefined) {
        feeds.unsubscribe();
        trails.record({ ...now(), kind: 'stopped' });
        closing = trails.close();
      }
      return closing;
    },
  };
};

const unrecorded = () =>
  refusal('ERR_UNRECORDED', 'The gateway can not keep a record of the call just now: try again later', {
    headers: { 'retry-after': '5' },
  });

/** The keys of the settings whose values differ; secrets are compared as the words they are shown as. */
const changedKeys = (before: Settings, next: Settings): readonly string[] => {
  const keys = new Set([...Object.keys(before), ...Object.keys(next)]) as Set<keyof Settings>;
  return [...keys].filter((key) => JSON.stringify(before[key]) !== JSON.stringify(next[key]));
};
