import type { GatewayErrorCode, Outcome } from '../protocol/errors.js';
import type { TraceContext } from '../protocol/traceContext.js';
import { traceParent, type RemoteSpan } from '../protocol/traceParent.js';
import type { IncomingTrace } from './incomingTrace.js';
import { randomHex } from './randomHex.js';

/** Whom an attempt asks, and for what. */
export interface AskedServer {
  readonly method: string;
  readonly server: string;
  readonly instance: string;
  /** The revision spoken with the server, or `rest`. */
  readonly revision: string | undefined;
  readonly isPiped: boolean;
  /** The server's own name of the tool or prompt, or the URI of the resource. */
  readonly name: string | undefined;
}

/** One attempt at a call, as a trace shows it. */
export interface TracedAttempt extends AskedServer {
  readonly spanId: string;
  /** In milliseconds of `performance.now()`, like the times of an exchange. */
  readonly startedAt: number;
  endedAt: number | undefined;
  outcome: Outcome | undefined;
  error: GatewayErrorCode | undefined;
}

/** So many attempts of a call have a span; after that they go on under the last one's. */
const maxAttempts = 32;

/**
 * The trace of one call: which one it is part of, the ids of its spans, its attempts. The spans themselves are made when it has ended.
 */
export class CallTrace {
  readonly traceId: string;
  /** Of the gateway's own span. */
  readonly spanId = randomHex(8);
  readonly parent: RemoteSpan | undefined;
  /** The context of the HTTP request where the message has one of its own. */
  readonly beside: RemoteSpan | undefined;
  readonly state: string | undefined;
  readonly isSampled: boolean;
  readonly attempts: TracedAttempt[] = [];
  /** Whether the call has ended: its attempts may go on, as a task. */
  isEnded = false;
  readonly #baggage: string | undefined;

  /** @param sample decides, once a call, by its parent if it has one */
  constructor({ context, beside }: IncomingTrace, sample: (parent: RemoteSpan | undefined) => boolean) {
    this.parent = context.traceparent === undefined ? undefined : traceParent(context.traceparent);
    this.beside = beside === undefined ? undefined : traceParent(beside);
    this.traceId = this.parent?.traceId ?? randomHex(16);
    this.state = context.tracestate;
    this.#baggage = context.baggage;
    this.isSampled = sample(this.parent);
  }

  /** Begins an attempt. */
  attempt(asked: AskedServer): TracedAttempt {
    const attempt: TracedAttempt = {
      ...asked,
      spanId: randomHex(8),
      startedAt: performance.now(),
      endedAt: undefined,
      outcome: undefined,
      error: undefined,
    };
    if (this.attempts.length < maxAttempts) this.attempts.push(attempt);
    return attempt;
  }

  /** What the server of an attempt is told: the attempt is its parent. */
  contextFor({ spanId }: TracedAttempt): TraceContext {
    return {
      traceparent: `00-${this.traceId}-${spanId}-${this.isSampled ? '01' : '00'}`,
      ...(this.state !== undefined && { tracestate: this.state }),
      ...(this.#baggage !== undefined && { baggage: this.#baggage }),
    };
  }
}
