import { join } from 'node:path';
import { Counter, type Registry } from 'prom-client';
import { limits } from '../config/limits.js';
import type { AuditSettings, ReceiverSettings } from '../config/auditSettings.js';
import type { AuditSink } from '../sinks/audit/auditSink.js';
import { Delivery } from '../sinks/audit/delivery.js';
import { Spool } from '../sinks/audit/spool.js';
import { connectTo } from '../sources/backends/connectTo.js';
import type { Log } from '../streams/log.js';
import { overloaded } from './overloaded.js';

export interface AuditReceiverOptions {
  readonly name: 'http' | 'otlp';
  /** The settings at the start: address and certificates hold until the end. */
  readonly receiver: ReceiverSettings;
  /** Its credentials at the moment. */
  readonly headers: () => ReceiverSettings['headers'];
  readonly folder: string;
  readonly maxBytes: number;
  readonly onOverload: AuditSettings['onOverload'];
  readonly contentType: string;
  readonly encode: (lines: string) => string;
  readonly log: Log;
  /** Told what is wrong, and that nothing is any more. */
  readonly onTrouble: (why: string | undefined) => void;
  readonly batches: Counter<'sink' | 'result'>;
}

/** How many batches were sent, by what became of it. */
export const auditBatches = (registry: Registry): Counter<'sink' | 'result'> =>
  new Counter({
    name: 'mcp_gateway_audit_batches_total',
    help: 'Batches of records sent to receivers: `sent`, `retried` after a failure, `refused` for good.',
    labelNames: ['sink', 'result'],
    registers: [registry],
  });

/** A receiver of records, with the folder in which they wait for it. */
export const auditReceiver = (options: AuditReceiverOptions): AuditSink => {
  const { name, receiver, headers, folder, maxBytes, onOverload, contentType, encode, log, batches } =
    options;
  const { onTrouble } = options;
  let isAway = false;
  const troubles: Partial<Record<'spool' | 'receiver', string>> = {};
  const trouble = (what: 'spool' | 'receiver', why: string | undefined): void => {
    if (why === undefined) delete troubles[what];
    else troubles[what] = why;
    onTrouble(troubles.spool ?? troubles.receiver);
  };
  const spool = new Spool({
    folder: join(folder, name),
    maxBytes,
    maxPendingBytes: limits.auditPendingBytes,
    onState(failure) {
      const why = `can not be written (${failure?.code ?? ''}): ${overloaded[onOverload]}`;
      trouble('spool', failure && `the spool ${why}`);
      if (failure === undefined) log.info({ event: 'audit_back', sink: name }, 'Records are spooled again');
      else log.error({ event: 'audit_failed', sink: name, code: failure.code }, `The spool ${why}`);
    },
    onBatch: () => delivery.wake(),
  });
  const delivery = new Delivery({
    spool,
    url: receiver.url,
    headers: () =>
      Object.fromEntries(
        Object.entries(headers()).map(([key, value]) => [key, Buffer.from(value.reveal()).toString()]),
      ),
    contentType,
    encode,
    timeoutMs: receiver.timeoutMs,
    connect: connectTo(receiver.timeoutMs, { tls: receiver.tls }),
    onResult(result, why) {
      batches.inc({ sink: name, result });
      if (result === 'refused')
        log.error(
          { event: 'audit_refused', sink: name, reason: why },
          'A batch of records is refused for good, or can not be read: it is put aside in the spool as `.refused`',
        );
      if ((result === 'retried') === isAway) return;
      isAway = result === 'retried';
      trouble('receiver', isAway ? 'the receiver does not take records: they wait in the spool' : undefined);
      if (isAway)
        log.warn(
          { event: 'audit_away', sink: name, reason: why },
          'The receiver of records does not take them: they wait in the spool',
        );
      else log.info({ event: 'audit_delivered', sink: name }, 'The receiver of records takes them again');
    },
  });
  return {
    get hasRoom() {
      return spool.hasRoom;
    },
    get fill() {
      return spool.fill;
    },
    get waitingBytes() {
      return spool.waitingBytes;
    },
    append: (line) => spool.append(line),
    async close() {
      await spool.close();
      await delivery.close();
    },
  };
};
