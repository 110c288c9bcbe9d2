import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { request, type Dispatcher } from 'undici';
import { limits } from '../../config/limits.js';
import type { OtlpSettings, OtlpSignal } from '../../config/telemetrySettings.js';
import { retryAfter } from '../../protocol/retryAfter.js';

/** What became of a request. */
export type Delivery =
  | { readonly kind: 'sent'; readonly body: Uint8Array }
  /** The collector does not want it: the same again would not be taken either. */
  | { readonly kind: 'refused'; readonly status: number }
  /** It was away for too long. */
  | { readonly kind: 'lost'; readonly why: string };

export interface OtlpSender {
  /** Never rejects. `closing` ends the waiting for a collector that is away. */
  send(body: Uint8Array, closing: AbortSignal): Promise<Delivery>;
  close(): Promise<void>;
}

interface Failing {
  readonly kind: 'again';
  readonly why: string;
  readonly afterMs?: number;
}

/** OTLP 1.0, failures: what may be sent again. */
const mayRepeat: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const firstPauseMs = 500;
const maxPauseMs = 15_000;
const maxAnswerBytes = 64 * 1024;

/**
 * Sends one signal to a collector by OTLP over HTTP, again with growing pauses where that is worth it.
 *
 * @param settings of the moment: credentials change
 * @param connect opens connections to where the settings say
 */
export const otlpSender = (
  signal: OtlpSignal,
  settings: () => OtlpSettings,
  connect: (settings: OtlpSettings) => Dispatcher,
): OtlpSender => {
  let agent: { readonly of: OtlpSettings; readonly dispatcher: Dispatcher } | undefined;
  const dispatcherFor = (current: OtlpSettings): Dispatcher => {
    if (agent?.of === current) return agent.dispatcher;
    void agent?.dispatcher.close();
    agent = { of: current, dispatcher: connect(current) };
    return agent.dispatcher;
  };
  const attempt = async (body: Uint8Array, closing: AbortSignal): Promise<Delivery | Failing> => {
    const current = settings();
    const { urls, headers, encoding, isCompressed, timeoutMs } = current;
    try {
      const answer = await request(urls[signal], {
        method: 'POST',
        dispatcher: dispatcherFor(current),
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), closing]),
        headers: {
          ...Object.fromEntries(
            Object.entries(headers).map(([name, value]) => [
              name,
              Buffer.from(value.reveal()).toString('latin1'),
            ]),
          ),
          'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
          'user-agent': 'sluice',
          ...(isCompressed && { 'content-encoding': 'gzip' }),
        },
        body: isCompressed ? await promisify(gzip)(body) : body,
      });
      const { statusCode: status } = answer;
      if (status >= 200 && status < 300) return { kind: 'sent', body: await answer.body.bytes() };
      await answer.body.dump({ limit: maxAnswerBytes });
      if (!mayRepeat.has(status)) return { kind: 'refused', status };
      const afterMs = retryAfter(answer.headers['retry-after'], Date.now());
      return { kind: 'again', why: `status ${status}`, ...(afterMs !== undefined && { afterMs }) };
    } catch (error) {
      // Whatever kept it from an answer: names, connections, TLS, time.
      const { code, name } = error as NodeJS.ErrnoException;
      return { kind: 'again', why: code ?? name };
    }
  };
  return {
    async send(body, closing) {
      const until = performance.now() + limits.otlpRetryMs;
      for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, maxPauseMs)) {
        const delivery = await attempt(body, closing);
        if (delivery.kind !== 'again') return delivery;
        // Between half and all of it, so that not all gateways come back at once.
        const waitMs = delivery.afterMs ?? pauseMs * (0.5 + Math.random() / 2);
        if (closing.aborted || performance.now() + waitMs > until) return { kind: 'lost', why: delivery.why };
        try {
          await sleep(waitMs, undefined, { signal: closing });
        } catch {
          return { kind: 'lost', why: delivery.why }; // No time is left.
        }
      }
    },
    close: async () => agent?.dispatcher.close(),
  };
};
