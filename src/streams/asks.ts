import type { JsonRpcResponse, RequestId } from '../protocol/jsonrpc.js';
import { exhausted } from '../protocol/exhausted.js';
import type { AskReply } from './reply.js';

/**
 * What clients of the 2025 era have been asked and not yet answered. Each ask goes out on one stream under an id of the
 * gateway's own; the answer comes back as a POST of the same session, and nobody else's.
 */
export class Asks {
  readonly #bySession = new Map<string, Map<RequestId, AskReply>>();
  readonly #max: () => number;
  readonly #instance: string;
  #count = 0;

  /**
   * @param max how many a session may leave unanswered; asked with each, so that it may change
   * @param instance this one, among those that share their sessions
   */
  constructor(max: () => number, instance = '') {
    this.#max = max;
    this.#instance = instance;
  }

  /** Who has asked under that id: an instance; undefined for an id that is none of ours. */
  static instanceOf(id: unknown): string | undefined {
    return typeof id === 'string' ? /^ask-(?:(.+)-)?\d+$/.exec(id)?.[1] : undefined;
  }

  /** How many a session has not answered. */
  of(sessionId: string): number {
    return this.#bySession.get(sessionId)?.size ?? 0;
  }

  /** Gives an ask the id under which it is sent; one too many gets an error for an answer, and no id. */
  open(sessionId: string, ask: AskReply): RequestId | undefined {
    const max = this.#max();
    if (this.of(sessionId) >= max) {
      const full = { limit: 'streams.asks', max };
      ask.answer({
        error: exhausted(
          'ERR_ASKS_EXHAUSTED',
          'The client has too many questions to answer',
          full,
        ).toJsonRpc(),
      });
      return undefined;
    }
    const id = `ask-${this.#instance === '' ? '' : `${this.#instance}-`}${++this.#count}`;
    let asks = this.#bySession.get(sessionId);
    if (asks === undefined) this.#bySession.set(sessionId, (asks = new Map<RequestId, AskReply>()));
    asks.set(id, ask);
    return id;
  }

  /** Hands a client's response to whoever asked. False for one that nobody here waits for. */
  answer(sessionId: string, response: JsonRpcResponse): boolean {
    const { id } = response;
    if (id === undefined || id === null) return false;
    const ask = this.#bySession.get(sessionId)?.get(id);
    if (ask === undefined) return false;
    this.drop(sessionId, id);
    ask.answer('result' in response ? { result: response.result } : { error: response.error });
    return true;
  }

  /** Forgets an ask whose call is over. */
  drop(sessionId: string, id: RequestId): void {
    const asks = this.#bySession.get(sessionId);
    asks?.delete(id);
    if (asks?.size === 0) this.#bySession.delete(sessionId);
  }
}
