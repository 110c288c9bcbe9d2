import { decodeHeaderValue, encodeHeaderValue } from '../../protocol/headers.js';
import type { JsonRpcCall, Params } from '../../protocol/jsonrpc.js';
import type { Implementation } from '../../protocol/mcp.js';
import { changeOpaque } from '../../protocol/recording/changeOpaque.js';
import { opaqueDigest } from '../../protocol/recording/opaqueDigest.js';
import type { RecordedCall, RecordedLine } from '../../protocol/recording/recordedLine.js';
import { mapChildren } from '../../protocol/redaction/mapChildren.js';
import type { Redactor } from '../../protocol/redaction/redactor.js';
import type { Exchange } from '../../streams/exchange.js';
import { redactedParams } from '../../streams/redactedParams.js';
import type { Answer, Reply } from '../../streams/reply.js';
import { encode } from '../encode.js';
import { isDecided } from './isDecided.js';
import type { TrackedCall, TrafficEvent } from './trafficRecorder.js';

export interface LineMakerOptions {
  /** What `t` counts from, of `performance.now()`. */
  readonly epoch: number;
  readonly serverInfo: Implementation;
  /** What is taken out of a call; undefined for nothing. Throws where a rule can't be kept. */
  readonly redactorOf: (exchange: Exchange) => Redactor | undefined;
  /** Whether policies may want something masked: then a call that none has decided over yet is not shown. */
  readonly policies: boolean;
}

/** Nothing is written of it. */
const nothing = undefined;

/** Makes the lines of a recording: redacted, without credentials, ids of sessions, and whatever else would let anybody in. */
export class LineMaker {
  readonly #options: LineMakerOptions;
  #count = 0;

  constructor(options: LineMakerOptions) {
    this.#options = options;
  }

  /** The line for something that has happened; undefined where there is nothing to tell. */
  line(event: TrafficEvent): RecordedLine | undefined {
    const { call, at, what, reply, ask = 0, given } = event;
    const t = Math.round((at - this.#options.epoch) * 1000) / 1000;
    if (what === 'call') {
      call.n = ++this.#count;
      return this.#call(call, t, call.n);
    }
    // Its beginning found no room.
    if (call.n === undefined) return nothing;
    const of = { t, n: call.n };
    if (what === 'end') {
      const { outcome = 'cancelled' } = call.exchange.notes;
      return { kind: 'end', ...of, outcome, ...(call.lost > 0 && { lost: call.lost }) };
    }
    if (given !== undefined) return this.#given(call, of, ask, given);
    return reply === undefined ? nothing : this.#reply(call, of, reply, ask);
  }

  #call({ exchange, lane }: TrackedCall, t: number, n: number): RecordedCall {
    const { message, origin } = exchange;
    const { accept } = origin.headers;
    return {
      kind: 'call',
      t,
      n,
      lane: lane?.name ?? '',
      transport: origin.transport,
      ...(origin.namespace !== undefined && { namespace: origin.namespace }),
      revision: origin.revision.version,
      ...(message.id !== undefined && { id: message.id }),
      method: message.method,
      ...(typeof accept === 'string' && typesIn(accept)),
      ...this.#shown(exchange, message),
    };
  }

  /** What the client has written. */
  #shown(exchange: Exchange, message: JsonRpcCall) {
    const headers = paramHeaders(exchange);
    if (message.params === undefined) return {};
    if (this.#options.policies && !isDecided(exchange)) return { withheld: true } as const;
    return this.#redacted<{ readonly params: Params; readonly headers?: Record<string, string> }>(
      exchange,
      { params: message.params, ...(headers !== undefined && { headers }) },
      ({ params, headers: shown }, redactor) => ({
        params: redactedCall(params, redactor, message.method),
        ...(shown !== undefined && { headers: redactedHeaders(shown, redactor) }),
      }),
    );
  }

  #reply(call: TrackedCall, of: { t: number; n: number }, reply: Reply, ask: number) {
    const { exchange } = call;
    const { message, origin } = exchange;
    switch (reply.kind) {
      case 'notification':
      case 'ask': {
        const { method, params } = reply;
        const shown = this.#redacted(exchange, { params }, ({ params: told }, redactor) => ({
          params: redactor.message(told),
        }));
        return reply.kind === 'ask'
          ? ({ kind: 'ask', ...of, ask, method, ...shown } as const)
          : ({ kind: 'notification', ...of, method, ...shown } as const);
      }
      case 'result':
      case 'error': {
        const encoded = encode(reply, message, origin.revision, this.#options.serverInfo);
        // What the log is not told either: a link that is for the caller alone.
        const safe = reply.kind === 'error' ? exchange.notes.error?.message : undefined;
        const isWhole = safe === undefined || !('error' in encoded) || encoded.error.message === safe;
        const answer =
          'result' in encoded
            ? { result: encoded.result }
            : { error: isWhole ? encoded.error : { ...encoded.error, message: safe } };
        const status =
          reply.kind === 'error' ? (reply.status ?? origin.revision.relayedStatus(reply.error)) : 200;
        const shown = this.#redacted(exchange, answer, (whole, redactor) => redactedAnswer(whole, redactor));
        const told = isWhole ? shown : { ...shown, redacted: true as const };
        return { kind: 'answer', ...of, ...(status !== 200 && { status }), ...told } as const;
      }
      case 'accepted':
        return reply.status === undefined
          ? nothing
          : ({ kind: 'answer', ...of, status: reply.status } as const);
      default:
        return nothing;
    }
  }

  #given({ exchange }: TrackedCall, of: { t: number; n: number }, ask: number, given: Answer) {
    const shown = this.#redacted(exchange, given, (whole, redactor) => redactedAnswer(whole, redactor));
    return { kind: 'reply', ...of, ask, ...shown } as const;
  }

  /** Without what rules take out of it, and without what only its maker can read. */
  #redacted<T extends object>(exchange: Exchange, value: T, change: (value: T, redactor: Redactor) => T) {
    try {
      const redactor = this.#options.redactorOf(exchange);
      const redacted = redactor === undefined ? value : change(value, redactor);
      const before = value as Readonly<Record<string, unknown>>;
      // Where nothing is taken out, the same objects come back.
      const isRedacted = Object.entries(redacted).some(([key, part]) => part !== before[key]);
      const shown = Object.fromEntries(
        Object.entries(redacted).map(([key, part]) => [key, changeOpaque(part as unknown, opaqueDigest)]),
      ) as T;
      return { ...shown, ...(isRedacted && { redacted: true as const }) };
    } catch {
      // A rule refuses what is in it, or can not be kept: what it says is for the caller, who has been told.
      return { withheld: true as const };
    }
  }
}

/** Names and URIs too, which servers get as they are: in a recording nobody looks for what they name. */
const redactedCall = (params: Params, redactor: Redactor, method: string): Params =>
  mapChildren(redactedParams(params, redactor, method), (child, key) =>
    typeof child === 'string' && (key === 'uri' || key === 'name') ? redactor.text(child) : child,
  ) as Params;

const redactedAnswer = <T extends object>(answer: T, redactor: Redactor): T =>
  Object.fromEntries(
    Object.entries(answer).map(([key, part]) => [
      key,
      typeof part === 'object' && part !== null ? redactor.message(part as object) : (part as unknown),
    ]),
  ) as T;

const redactedHeaders = (headers: Record<string, string>, redactor: Redactor): Record<string, string> =>
  mapChildren(headers, (value) => {
    const text = decodeHeaderValue(String(value)) ?? String(value);
    const redacted = redactor.text(text);
    return redacted === text ? value : encodeHeaderValue(redacted);
  }) as Record<string, string>;

/** Headers that mirror arguments; all others stay out, for credentials travel in them. */
const paramHeaders = ({ origin }: Exchange): Record<string, string> | undefined => {
  let found: Record<string, string> | undefined;
  for (const name of Object.keys(origin.headers)) {
    const value = origin.headers[name];
    if (name.startsWith('mcp-param-') && typeof value === 'string') (found ??= {})[name] = value;
  }
  return found;
};

/** The media types of MCP in an `Accept` header, in its order, with their quality: nothing else that a client may write there. */
const typesIn = (accept: string): { readonly accept?: string } => {
  const types = accept
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) =>
      /^(?:application\/(?:json|\*)|text\/(?:event-stream|\*)|\*\/\*)(?:;q=[\d.]{1,5})?$/.test(part),
    );
  const text = types.join(', ');
  return text === '' || text === 'application/json, text/event-stream' ? {} : { accept: text };
};
