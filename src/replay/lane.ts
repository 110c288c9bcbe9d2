import type { JsonRpcCall, RequestId } from '../protocol/jsonrpc.js';
import { changeOpaque } from '../protocol/recording/changeOpaque.js';
import type { RecordedAsk, RecordedReply } from '../protocol/recording/recordedLine.js';
import { opaquePairs } from './answers.js';
import type { ReplayedCall } from './replayedCall.js';
import type { Wire } from './wires/wire.js';

/** Names of what only its maker can read that are remembered; the oldest go. */
const maxNames = 10_000;

/** Questions of one call to its client, on both sides, by their order. */
interface Questions {
  /** Those of the target, and whether they have been answered. */
  readonly actual: { readonly id: RequestId; isAnswered: boolean }[];
  readonly replies: Map<number, RecordedReply>;
  recorded: number;
}

/**
 * A session, a connection or a caller of the recording, which has one of its own at the target: what is another id or another sealed state
 * there is put in the place of the recorded one.
 */
export class Lane {
  readonly name: string;
  readonly wire: Wire;
  /** Calls that had ended, then, before the next one began, and have not ended yet. */
  readonly owed = new Set<ReplayedCall>();
  /** What opens its session, where the recording does not: everything waits for it. */
  readonly opening = new Set<ReplayedCall>();
  /** Calls that have not settled. */
  readonly open = new Set<ReplayedCall>();
  /** Ids of calls in flight: recorded → here. */
  readonly #ids = new Map<RequestId, RequestId>();
  /** What only its maker can read: recorded → here; while its answer has not come, who will bring it. */
  readonly #names = new Map<string, string | ReplayedCall>();
  readonly #questions = new Map<ReplayedCall, Questions>();
  /** Questions of which nobody knows yet what they belong to. */
  readonly #stray: JsonRpcCall[] = [];

  constructor(name: string, wire: (asked: (message: JsonRpcCall) => void) => Wire) {
    this.name = name;
    this.wire = wire((message) => this.#attribute(message));
  }

  /** Whether calls keep the order they had: those of a session or a connection do, those of callers without either need none. */
  get keepsOrder(): boolean {
    return /(?:^|\/)[sc]:/.test(this.name);
  }

  /** Whom a call waits for, since it refers to what their answers bring. */
  makersFor({ recorded: { params } }: ReplayedCall): ReadonlySet<ReplayedCall> {
    const makers = new Set<ReplayedCall>();
    changeOpaque(params, (text) => {
      const known = this.#names.get(text);
      if (known !== undefined && typeof known !== 'string') makers.add(known);
      return text;
    });
    return makers;
  }

  /** The recorded answer of a call is known: what it names will have another name here. */
  expects(call: ReplayedCall): void {
    changeOpaque(call.answer?.result, (text) => {
      if (!this.#names.has(text)) this.#remember(text, call);
      return text;
    });
  }

  /** The answer of a call is known, on both sides. */
  learns(call: ReplayedCall): void {
    const { response } = call.how ?? {};
    if (call.answer === undefined || response === undefined || !('result' in response)) return;
    for (const [there, here] of opaquePairs(call.answer, response)) this.#remember(there, here);
  }

  #remember(name: string, value: string | ReplayedCall): void {
    const [oldest] = this.#names.keys();
    if (this.#names.size >= maxNames && oldest !== undefined) this.#names.delete(oldest);
    this.#names.set(name, value);
  }

  /** The message to be sent for a call, with the ids that hold here. */
  messageFor({ recorded }: ReplayedCall, id: RequestId): JsonRpcCall {
    const { method, params } = recorded;
    if (recorded.id !== undefined) this.#ids.set(recorded.id, id);
    const changed =
      params === undefined
        ? undefined
        : changeOpaque(this.#renumbered(params, method, id), (text) => {
            const known = this.#names.get(text);
            return typeof known === 'string' ? known : text;
          });
    return {
      jsonrpc: '2.0',
      ...(recorded.id !== undefined && { id }),
      method,
      ...(changed !== undefined && { params: changed }),
    };
  }

  #renumbered(params: Readonly<Record<string, unknown>>, method: string, id: RequestId) {
    const { _meta: meta, requestId } = params;
    if (
      method === 'notifications/cancelled' &&
      (typeof requestId === 'string' || typeof requestId === 'number')
    )
      return { ...params, requestId: this.#ids.get(requestId) ?? requestId };
    if (typeof meta !== 'object' || meta === null || !('progressToken' in meta)) return params;
    return { ...params, _meta: { ...meta, progressToken: id } };
  }

  /** A message of the target's as it would have been, then. */
  asRecorded({ recorded }: ReplayedCall, message: JsonRpcCall): JsonRpcCall {
    const { params } = message;
    const { progressToken } = (recorded.params?.['_meta'] ?? {}) as { readonly progressToken?: unknown };
    if (params?.['progressToken'] === undefined || progressToken === undefined) return message;
    return { ...message, params: { ...params, progressToken } };
  }

  /** A call has settled. */
  forget(call: ReplayedCall): void {
    this.open.delete(call);
    this.#questions.delete(call);
    if (call.recorded.id !== undefined) this.#ids.delete(call.recorded.id);
  }

  /** The target asks in a call. */
  asked(call: ReplayedCall, message: JsonRpcCall): void {
    if (message.id === undefined) return;
    const questions = this.#questionsOf(call);
    questions.actual.push({ id: message.id, isAnswered: false });
    call.asks.push('actual', message);
    this.#answer(call, questions);
  }

  /** The recording has a question, or what was answered to it. */
  recordedAsk(call: ReplayedCall, line: RecordedAsk | RecordedReply): void {
    const questions = this.#questionsOf(call);
    if (line.kind === 'reply') questions.replies.set(line.ask, line);
    else {
      questions.recorded++;
      const { method, params } = line;
      call.asks.push('recorded', { jsonrpc: '2.0', method, ...(params !== undefined && { params }) });
      const at = this.#stray.findIndex((stray) => stray.method === method);
      const [stray] = at < 0 ? [] : this.#stray.splice(at, 1);
      if (stray !== undefined) this.asked(call, stray);
    }
    this.#answer(call, questions);
  }

  /** The recording has no more of a call: whoever asks now is told that nobody answers. */
  recordedAll(call: ReplayedCall): void {
    const questions = this.#questions.get(call);
    if (questions !== undefined) this.#answer(call, questions);
  }

  #questionsOf(call: ReplayedCall): Questions {
    const known = this.#questions.get(call);
    if (known !== undefined) return known;
    const made: Questions = { actual: [], replies: new Map(), recorded: 0 };
    this.#questions.set(call, made);
    return made;
  }

  #answer(call: ReplayedCall, { actual, replies }: Questions): void {
    for (const [index, question] of actual.entries()) {
      if (question.isAnswered) continue;
      const reply = replies.get(index + 1);
      // It may yet come.
      if (reply === undefined && call.outcome === undefined) continue;
      question.isAnswered = true;
      replies.delete(index + 1);
      const { id } = question;
      const { result, error = { code: -32603, message: 'The recording has no answer to this' } } =
        reply ?? {};
      this.wire.reply(result === undefined ? { jsonrpc: '2.0', id, error } : { jsonrpc: '2.0', id, result });
    }
  }

  /** On a connection nothing says which call a question belongs to: to the one that was asked as much, then. */
  #attribute(message: JsonRpcCall): void {
    for (const call of this.open) {
      const { recorded = 0, actual = [] } = this.#questions.get(call) ?? {};
      if (actual.length < recorded) return this.asked(call, message);
    }
    this.#stray.push(message);
  }
}
