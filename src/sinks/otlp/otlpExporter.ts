import type { Dispatcher } from 'undici';
import { limits } from '../../config/limits.js';
import type { OtlpSettings, OtlpSignal } from '../../config/telemetrySettings.js';
import type { Log } from '../../streams/log.js';
import { ExportQueue } from './exportQueue.js';
import type { OtlpEncoding } from './otlpEncoding.js';
import { otlpSender } from './otlpSender.js';
import type { OtlpTotals } from './otlpTotals.js';

export interface OtlpExporterOptions<T> {
  readonly signal: OtlpSignal;
  /** Those of the moment: credentials change. */
  readonly settings: () => OtlpSettings;
  readonly connect: (settings: OtlpSettings) => Dispatcher;
  /** How items are written; loaded when the first are to be sent. */
  readonly encoding: () => Promise<OtlpEncoding<T>>;
  readonly totals: OtlpTotals;
  readonly log: Log;
}

/** Takes what is to be sent by OTLP. */
export interface OtlpExporter<T> {
  push(...items: readonly T[]): void;
  /** Sends what waits; resolves when it is sent or `graceMs` are over. */
  close(graceMs: number): Promise<void>;
}

/**
 * Exports one signal by OTLP over HTTP, in batches beside the calls. What finds no room, is refused or can't be delivered is counted, and
 * the log says when that begins and when it is over.
 */
export const otlpExporter = <T>(options: OtlpExporterOptions<T>): OtlpExporter<T> => {
  const { signal, settings, connect, encoding, totals, log } = options;
  const sender = otlpSender(signal, settings, connect);
  let failing = false;
  const became = (why: string | undefined): void => {
    if (failing === (why !== undefined)) return;
    failing = why !== undefined;
    if (why === undefined) log.info({ event: 'otlp_back', signal }, 'The collector takes telemetry again');
    else
      log.warn(
        { event: 'otlp_failed', signal, why },
        'The collector does not take telemetry: it waits, and is dropped when there is no more room',
      );
  };
  const send = async (items: readonly T[], closing: AbortSignal): Promise<void> => {
    try {
      const { encode, rejected } = await encoding();
      const delivery = await sender.send(encode(items, settings()), closing);
      became(
        delivery.kind === 'sent'
          ? undefined
          : delivery.kind === 'lost'
            ? delivery.why
            : `status ${delivery.status}`,
      );
      if (delivery.kind !== 'sent') {
        totals.dropped(signal, delivery.kind, items.length);
        return;
      }
      const refused = rejected(delivery.body);
      totals.sent(signal, items.length - refused);
      if (refused > 0) totals.dropped(signal, 'refused', refused);
    } catch (error) {
      // What can't be written is a fault of ours; calls go on.
      totals.dropped(signal, 'refused', items.length);
      log.error({ event: 'otlp_failed', signal, err: error }, 'Telemetry could not be written');
    }
  };
  const queue = new ExportQueue<T>({
    max: limits.otlpQueued,
    batch: limits.otlpBatch,
    everyMs: settings().everyMs,
    send,
    onDropped: (count) => totals.dropped(signal, 'full', count),
  });
  return {
    push: (...items) => queue.push(...items),
    async close(graceMs) {
      await queue.close(graceMs);
      await sender.close();
    },
  };
};
