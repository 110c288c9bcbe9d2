import type { Dispatcher } from 'undici';
import { encodeHeaderValue, nameHeaderSource } from '../../protocol/headers.js';
import { isCall, isRequest, type JsonRpcResponse } from '../../protocol/jsonrpc.js';
import { internalMethods } from '../../protocol/methods.js';
import { revisionOf } from '../../protocol/revisions/index.js';
import { exchangeOver, type HttpExchange } from './exchangeOver.js';
import { messageIn } from './messageIn.js';
import type { Ended, Hearer, Outgoing, Wire, WireOptions } from './wire.js';

/** How often a stream is come back for at most, where its server lets go of it. */
const maxReturns = 1000;
const bothTypes = 'application/json, text/event-stream';

/** Streamable HTTP: a request a message; a session if `initialize` opens one. Streams are followed to their end, across connections. */
export class HttpWire implements Wire {
  readonly #dispatcher: Dispatcher;
  readonly #options: WireOptions;
  #session: string | undefined;
  #revision: string | undefined;

  constructor(dispatcher: Dispatcher, options: WireOptions) {
    this.#dispatcher = dispatcher;
    this.#options = options;
  }

  send(outgoing: Outgoing, hearer: Hearer): () => void {
    const { message } = outgoing;
    if (message.method === internalMethods.end) this.#ending = true;
    if (message.method === 'initialize') this.#revision = outgoing.revision;
    return new Sending(this, outgoing, hearer).begin();
  }

  #ending = false;

  reply(response: JsonRpcResponse): void {
    const headers = { ...this.headers(this.#revision ?? ''), 'content-type': 'application/json' };
    // Whether it was taken is seen by what becomes of the call.
    this.exchange({ method: 'POST', headers, body: JSON.stringify(response) }, { done: () => undefined });
  }

  close(): Promise<void> {
    if (this.#session === undefined || this.#ending) return Promise.resolve();
    const headers = this.headers(this.#revision ?? '');
    return new Promise(
      (resolve) => void this.exchange({ method: 'DELETE', headers }, { done: () => resolve() }),
    );
  }

  opened(session: string): void {
    this.#session = session;
  }

  headers(revision: string): Record<string, string> {
    const sessions = revisionOf(revision)?.sessions !== false;
    return {
      accept: bothTypes,
      ...this.#options.headers,
      // The header came with 2025-06-18.
      ...(revision >= '2025-06-18' && { 'mcp-protocol-version': revision }),
      ...(sessions && this.#session !== undefined && { 'mcp-session-id': this.#session }),
    };
  }

  exchange(request: HttpExchange, told: Parameters<typeof exchangeOver>[2]): () => void {
    return exchangeOver(this.#dispatcher, { url: this.#options.url, ...request }, told);
  }
}

/** One message, its response, and the streams that go on with it. */
class Sending {
  readonly #wire: HttpWire;
  readonly #outgoing: Outgoing;
  readonly #hearer: Hearer;
  #abort: () => void = () => undefined;
  #over = false;
  #response: JsonRpcResponse | undefined;
  #lastEventId: string | undefined;
  #retryMs = 1000;
  #returns = 0;

  constructor(wire: HttpWire, outgoing: Outgoing, hearer: Hearer) {
    this.#wire = wire;
    this.#outgoing = outgoing;
    this.#hearer = hearer;
  }

  begin(): () => void {
    const { message, revision } = this.#outgoing;
    const { accept, headers: more } = this.#outgoing;
    const headers = { ...this.#wire.headers(revision), ...(accept !== undefined && { accept }), ...more };
    if (message.method === internalMethods.stream)
      this.#exchange({ method: 'GET', headers: { ...headers, accept: 'text/event-stream' } });
    else if (message.method === internalMethods.end) this.#exchange({ method: 'DELETE', headers });
    else
      this.#exchange({
        method: 'POST',
        headers: { ...headers, ...mirrored(this.#outgoing), 'content-type': 'application/json' },
        body: JSON.stringify(message),
      });
    return () => {
      this.#over = true;
      this.#abort();
    };
  }

  #exchange(request: HttpExchange): void {
    this.#abort = this.#wire.exchange(request, {
      opened: (session) => {
        if (this.#outgoing.message.method === 'initialize') this.#wire.opened(session);
      },
      event: ({ id, data }) => {
        if (id !== undefined && id !== '') this.#lastEventId = id;
        if (data !== '') this.#take(data);
      },
      retry: (ms) => (this.#retryMs = ms),
      done: (status, body, failure) => this.#done(status, body, failure),
    });
  }

  #take(text: string): void {
    if (this.#over) return;
    const message = messageIn(text);
    if (message === undefined) return;
    if (isCall(message)) this.#hearer.heard(message);
    else this.#response = message;
  }

  #done(status: number, body: string | undefined, failure: string | undefined): void {
    if (this.#over) return;
    if (body !== undefined) this.#take(body);
    if (this.#comesBack(status, failure)) return;
    this.#over = true;
    const { message } = this.#outgoing;
    const missing = isRequest(message) && this.#response === undefined;
    const why = failure ?? (missing ? `no answer, status ${status}` : undefined);
    const how: Ended = {
      ...(status > 0 && { status }),
      ...(this.#response !== undefined && { response: this.#response }),
      ...(why !== undefined && this.#response === undefined && { failure: why }),
    };
    this.#hearer.ended(how);
  }

  /** The server has let go of a stream that is to be come back for (2025-11-25). */
  #comesBack(status: number, failure: string | undefined): boolean {
    const { message, revision } = this.#outgoing;
    const lastEventId = this.#lastEventId;
    if (failure !== undefined || status !== 200 || lastEventId === undefined) return false;
    if (this.#response !== undefined || !isRequest(message) || ++this.#returns > maxReturns) return false;
    const timer = setTimeout(() => {
      const headers = {
        ...this.#wire.headers(revision),
        accept: 'text/event-stream',
        'last-event-id': lastEventId,
      };
      this.#exchange({ method: 'GET', headers });
    }, this.#retryMs);
    this.#abort = () => clearTimeout(timer);
    return true;
  }
}

/** What revision 2026-07-28 wants to read in headers too. */
const mirrored = ({ message, revision }: Outgoing): Record<string, string> => {
  if (revisionOf(revision)?.sessions !== false) return {};
  const source = nameHeaderSource(message.method);
  const name = source === undefined ? undefined : message.params?.[source];
  return {
    'mcp-method': message.method,
    ...(typeof name === 'string' && { 'mcp-name': encodeHeaderValue(name) }),
  };
};
