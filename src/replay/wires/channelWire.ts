import { isCall, isRequest, type JsonRpcCall, type JsonRpcResponse } from '../../protocol/jsonrpc.js';
import { internalMethods } from '../../protocol/methods.js';
import { messageIn } from './messageIn.js';
import type { Ended, Hearer, Outgoing, Wire, WireOptions } from './wire.js';

/** A connection that carries messages both ways. */
export interface Carrier {
  /** Sends a text; what comes before the connection is open waits for it. */
  send(text: string): void;
  close(): void;
}

/** Makes a carrier. @param taken told of each text that comes @param lost told once when it has ended, in words why */
export type OpenCarrier = (taken: (text: string) => void, lost: (why: string) => void) => Carrier;

/** One connection that carries all messages of a client: a WebSocket, or HTTP+SSE. What comes is told apart by ids and tokens. */
export class ChannelWire implements Wire {
  readonly #carrier: Carrier;
  readonly #asked: WireOptions['asked'];
  readonly #hearers = new Map<string, Hearer>();
  #lost: string | undefined;

  constructor(open: OpenCarrier, { asked }: Pick<WireOptions, 'asked'>) {
    this.#asked = asked;
    this.#carrier = open(
      (text) => this.#take(text),
      (why) => this.#end(why),
    );
  }

  send({ message }: Outgoing, hearer: Hearer): () => void {
    if (message.method === internalMethods.end) {
      this.#carrier.close();
      hearer.ended({});
      return () => undefined;
    }
    if (this.#lost !== undefined) {
      hearer.ended({ failure: this.#lost });
      return () => undefined;
    }
    this.#carrier.send(JSON.stringify(message));
    if (!isRequest(message)) {
      hearer.ended({});
      return () => undefined;
    }
    const key = keyOf(message.id);
    this.#hearers.set(key, hearer);
    return () => {
      if (!this.#hearers.delete(key)) return;
      this.#carrier.send(
        JSON.stringify({
          jsonrpc: '2.0',
          method: 'notifications/cancelled',
          params: { requestId: message.id },
        }),
      );
    };
  }

  reply(response: JsonRpcResponse): void {
    if (this.#lost === undefined) this.#carrier.send(JSON.stringify(response));
  }

  close(): Promise<void> {
    this.#carrier.close();
    return Promise.resolve();
  }

  #take(text: string): void {
    const message = messageIn(text);
    if (message === undefined) return;
    if (!isCall(message)) this.#answered(message);
    else if (isRequest(message)) this.#asked(message);
    else this.#told(message);
  }

  #answered(response: JsonRpcResponse): void {
    const key = response.id === undefined || response.id === null ? undefined : keyOf(response.id);
    const hearer = key === undefined ? undefined : this.#hearers.get(key);
    if (key === undefined || hearer === undefined) return;
    this.#hearers.delete(key);
    hearer.ended({ response });
  }

  /** Progress says by its token, which is the id, what it is about. Of other notifications nobody can tell. */
  #told(message: JsonRpcCall): void {
    const token = message.params?.['progressToken'];
    if (typeof token === 'string' || typeof token === 'number')
      this.#hearers.get(keyOf(token))?.heard(message);
  }

  #end(why: string): void {
    this.#lost ??= why;
    const how: Ended = { failure: this.#lost };
    for (const hearer of this.#hearers.values()) hearer.ended(how);
    this.#hearers.clear();
  }
}

const keyOf = (id: string | number): string => `${typeof id}:${id}`;
