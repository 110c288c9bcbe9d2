import type { IncomingMessage, ServerResponse } from 'node:http';
import { Observable, type Subscriber } from 'rxjs';
import { classify, headerOf } from '../../protocol/classify.js';
import { fromUnknown, refusal } from '../../protocol/errors.js';
import type { JsonRpcCall, JsonRpcNotification } from '../../protocol/jsonrpc.js';
import { metaKeys, metaOf } from '../../protocol/mcp.js';
import { internalMethods, listenMethod } from '../../protocol/methods.js';
import { assumedVersion, knownRevision, revisionOf } from '../../protocol/revisions/index.js';
import type { Revision } from '../../protocol/revisions/revision.js';
import { exchange, type Exchange, type Origin, type Outlet } from '../../streams/exchange.js';
import type { Latest } from '../../streams/latest.js';
import { asMessage } from '../asMessage.js';
import { accepts, type Accepts } from './accepts.js';
import { allowOrigin, preflight } from './cors.js';
import { guard, type GuardOptions } from './guard.js';
import { isJson } from './isJson.js';
import { namespaceOf, type EndpointOptions } from './namespaceOf.js';
import { readBody, type BodyLimits } from './readBody.js';
import { readableId, refuse } from './refuse.js';
import type { RequestFeed } from './requestFeed.js';
import { senderOf } from './senderOf.js';

export interface FromHttpOptions extends GuardOptions, BodyLimits, EndpointOptions {
  readonly maxBatch: number;
}

/** The sinks of a listener: where the answers to what came in leave. */
export interface HttpOutlets {
  one(response: ServerResponse, message: JsonRpcCall, origin: Origin, accepts: Accepts): Outlet;
  batch(response: ServerResponse, messages: readonly JsonRpcCall[], revision: Revision): readonly Outlet[];
}

/**
 * The exchanges that arrive at an HTTP server: Streamable HTTP of both eras on one endpoint.
 *
 * > Each message becomes an exchange; what is no message is refused here, with the status the specification wants.
 *
 * `GET` and `DELETE` of the 2025 era travel the same way, under names of our own (see `internalMethods`), so that identity
 * and session are checked in one place.
 *
 * @param options read for every request, so a changed configuration holds from the next one on
 */
export const fromHttp = (
  server: RequestFeed,
  options: Latest<FromHttpOptions>,
  outlets: HttpOutlets,
): Observable<Exchange> =>
  new Observable((subscriber) => {
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      try {
        new Arriving(request, response, options.current, outlets, subscriber).receive();
      } catch (error) {
        refuse(request, response, fromUnknown(error));
      }
    };
    server.on('request', listener);
    return () => server.off('request', listener);
  });

/** One HTTP request on its way to become exchanges. */
class Arriving {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #options: FromHttpOptions;
  readonly #outlets: HttpOutlets;
  readonly #exchanges: Subscriber<Exchange>;
  readonly #accepts: Accepts;
  readonly #namespace: string | undefined;
  #parsedFrom: number | undefined;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    options: FromHttpOptions,
    outlets: HttpOutlets,
    exchanges: Subscriber<Exchange>,
  ) {
    guard(request, options);
    allowOrigin(request, response);
    this.#request = request;
    this.#response = response;
    this.#options = options;
    this.#outlets = outlets;
    this.#exchanges = exchanges;
    this.#accepts = accepts(request.headers.accept);
    this.#namespace = namespaceOf(request.url ?? '/', options);
  }

  receive(): void {
    switch (this.#request.method) {
      case 'POST':
        return this.#post();
      case 'GET':
        return this.#get();
      case 'DELETE':
        return this.#emit(notification(internalMethods.end), this.#headerRevision());
      case 'OPTIONS':
        return preflight(this.#request, this.#response);
      default:
        throw methodNotAllowed();
    }
  }

  #get(): void {
    const revision = this.#headerRevision();
    if (!revision.sessions) throw methodNotAllowed();
    if (!this.#accepts.sse) throw refusal('ERR_NOT_ACCEPTABLE', 'Accept must include text/event-stream');
    const comesBack = (headerOf(this.#request.headers, 'last-event-id') ?? '') !== '';
    this.#emit(notification(comesBack ? internalMethods.resume : internalMethods.stream), revision);
  }

  #post(): void {
    if (!isJson(this.#request.headers['content-type']))
      throw refusal('ERR_MEDIA_TYPE', 'Content-Type must be application/json');
    if ((this.#request.headers['content-encoding'] ?? 'identity') !== 'identity')
      throw refusal('ERR_MEDIA_TYPE', 'Content-Encoding is not supported: send the body as it is');
    readBody(this.#request, this.#options, (error, value, parsedFrom) => {
      this.#parsedFrom = parsedFrom;
      if (error !== undefined)
        refuse(this.#request, this.#response, error, { revision: this.#errorRevision() });
      else if (Array.isArray(value)) this.#attempt(() => this.#receiveBatch(value), undefined);
      else this.#attempt(() => this.#receiveOne(value), value);
    });
  }

  #attempt(work: () => void, value: unknown): void {
    try {
      work();
    } catch (error) {
      refuse(this.#request, this.#response, fromUnknown(error), {
        id: readableId(value),
        revision: this.#errorRevision(),
      });
    }
  }

  #receiveOne(value: unknown): void {
    const message = asMessage(value);
    const revision = classify(message, this.#request.headers);
    const { json, sse } = this.#accepts;
    if (revision.strictAccept ? !(json && sse) : !(json || sse))
      throw refusal('ERR_NOT_ACCEPTABLE', 'Accept must include application/json and text/event-stream');
    // It has no answer that a client without streams could read before it ends.
    if (message.method === listenMethod && !sse)
      throw refusal('ERR_NOT_ACCEPTABLE', `Accept must include text/event-stream for ${listenMethod}`);
    this.#emit(message, revision);
  }

  #receiveBatch(values: readonly unknown[]): void {
    const messages = values.map(asMessage);
    const [first] = messages;
    const revision = this.#errorRevision();
    if (first === undefined) throw refusal('ERR_INVALID_REQUEST', 'An empty batch');
    if (messages.length > this.#options.maxBatch)
      throw refusal('ERR_INVALID_REQUEST', `A batch of more than ${this.#options.maxBatch} messages`);
    // The header names a revision that has batches, and no message claims another: then this is the revision of each.
    if (!revision.batches || messages.some(({ params }) => metaKeys.protocolVersion in metaOf(params)))
      throw refusal('ERR_INVALID_REQUEST', 'Batches are not part of this protocol version');
    if (messages.some(({ method }) => method === 'initialize'))
      throw refusal('ERR_INVALID_REQUEST', 'initialize must not be part of a batch');
    const outlets = this.#outlets.batch(this.#response, messages, revision);
    for (const [index, outlet] of outlets.entries()) {
      const message = messages[index] as JsonRpcCall;
      this.#exchanges.next(
        exchange({ message, origin: this.#origin(revision, true), outlet, parsedFrom: this.#parsedFrom }),
      );
    }
  }

  #emit(message: JsonRpcCall, revision: Revision): void {
    const origin = this.#origin(revision, false);
    const outlet = this.#outlets.one(this.#response, message, origin, this.#accepts);
    this.#exchanges.next(exchange({ message, origin, outlet, parsedFrom: this.#parsedFrom }));
  }

  #origin(revision: Revision, batch: boolean): Origin {
    const sender = senderOf(this.#request);
    return {
      ...sender,
      transport: 'http',
      namespace: this.#namespace,
      revision,
      sessionId: revision.sessions ? headerOf(sender.headers, 'mcp-session-id') : undefined,
      batch,
    };
  }

  /** The revision of a request without a body to tell it. */
  #headerRevision(): Revision {
    const version = headerOf(this.#request.headers, 'mcp-protocol-version') ?? assumedVersion;
    const revision = revisionOf(version);
    if (revision === undefined)
      throw refusal('ERR_VERSION_HEADER', 'The header MCP-Protocol-Version names an unsupported version');
    if (!revision.sessions) throw methodNotAllowed();
    return revision;
  }

  /** The revision whose manners an error is told in, when the message could not be understood. */
  #errorRevision(): Revision {
    const version = headerOf(this.#request.headers, 'mcp-protocol-version') ?? assumedVersion;
    return revisionOf(version) ?? knownRevision('2026-07-28');
  }
}

const notification = (method: string): JsonRpcNotification => ({ jsonrpc: '2.0', method });

const methodNotAllowed = () =>
  refusal('ERR_METHOD_NOT_ALLOWED', 'Method not allowed here', { headers: { allow: 'POST, GET, DELETE' } });
