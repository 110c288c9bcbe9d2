import type { JsonRpcResponse, RequestId } from '../protocol/jsonrpc.js';
import type { AskReply } from './reply.js';

/**
 * What clients of the 2025 era have been asked and not yet answered. Each ask goes out on one stream under an id of the
 * gateway's own; the answer comes back as a POST of the same session, and nobody else's.
 */
export class Asks {
  readonly #bySession = new Map<string, Map<RequestId, AskReply>>();
  #count = 0;

  /** Gives an ask the id under which it is sent. */
  open(sessionId: string, ask: AskReply): RequestId {
    const id = `ask-${++this.#count}`;
    let asks = this.#bySession.get(sessionId);
    if (asks === undefined) this.#bySession.set(sessionId, (asks = new Map<RequestId, AskReply>()));
    asks.set(id, ask);
    return id;
  }

  /** Hands a client's response to whoever asked; one that nobody waits for is ignored. */
  answer(sessionId: string, response: JsonRpcResponse): void {
    const { id } = response;
    if (id === undefined || id === null) return;
    const ask = this.#bySession.get(sessionId)?.get(id);
    if (ask === undefined) return;
    this.drop(sessionId, id);
    ask.answer('result' in response ? { result: response.result } : { error: response.error });
  }

  /** Forgets an ask whose call is over. */
  drop(sessionId: string, id: RequestId): void {
    const asks = this.#bySession.get(sessionId);
    asks?.delete(id);
    if (asks?.size === 0) this.#bySession.delete(sessionId);
  }
}
