import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { catchError, defer, EMPTY, ignoreElements, mergeMap, type Observable } from 'rxjs';
import { Pool, errors, type Dispatcher } from 'undici';
import type { Headers } from '../../protocol/classify.js';
import { relayedHeader } from '../../protocol/relayStamp.js';
import { connectToPeer } from './connectToPeer.js';
import { Members, type Place } from '../../streams/members.js';

/** One request to be relayed, and who waits for the answer. */
export interface Hop {
  /** `http://host:port` or `unix:/path`. */
  readonly address: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Goes with it in the header {@link relayedHeader}. */
  readonly stamp: string;
  /** Told when there is no answer. The body has not been touched if the request was not begun. */
  readonly failed: (failure: HopFailure) => void;
}

export interface HopFailure {
  /** Whether any of the request may have arrived. */
  readonly begun: boolean;
  /** Whether nobody listens at the address any more. */
  readonly gone: boolean;
  readonly cause: Error;
}

/** A message for what another instance has under way. */
export interface Told {
  readonly address: string;
  readonly path: string;
  /** Those that its client sent. */
  readonly headers: Headers;
  readonly stamp: string;
  readonly message: unknown;
}

export interface HopLimits {
  /** Longest time without the head of an answer, in milliseconds. */
  readonly headMs: number;
  /** Longest silence in the middle of an answer, in milliseconds. */
  readonly silenceMs: number;
}

const connectMs = 3000;
/** Longest time for an instance to take a message, in milliseconds. */
const tellMs = 5000;
/** Less than a server keeps idle connections: it is never the other side that closes one in use. */
const idleMs = 10_000;
/** How long a client that was answered early may go on sending, in milliseconds. */
const lingerMs = 1000;
const maxHeaderBytes = 64 * 1024;

/**
 * Hands whole HTTP requests to other instances, answers and streams back: bodies in both directions as they come, never faster than
 * the other end reads. A client that leaves ends its hop; as many are under way as clients have requests.
 */
export class Hops {
  readonly #pools = new Map<string, Pool>();
  readonly #limits: () => HopLimits;
  readonly #certificate: () => string | undefined;
  readonly #live = new Members<Answering>();
  readonly #idleWaiters: (() => void)[] = [];

  /** @param certificate that this instance shows to its clients, PEM: the others may show it, too. Undefined without TLS */
  constructor(limits: () => HopLimits, certificate: () => string | undefined = () => undefined) {
    this.#limits = limits;
    this.#certificate = certificate;
  }

  take(hop: Hop): void {
    const { headMs, silenceMs } = this.#limits();
    const answering = new Answering(hop, () => this.#ended(place));
    const place = this.#live.add(answering);
    this.#pool(hop.address).dispatch(
      {
        method: hop.request.method as Dispatcher.HttpMethod,
        path: hop.request.url ?? '/',
        headers: [...headersOf(hop.request), relayedHeader, hop.stamp],
        body: bodyOf(hop.request),
        headersTimeout: headMs,
        bodyTimeout: silenceMs,
      },
      answering,
    );
  }

  /** Ends the connections of clients that listen: they come back, to somebody else. */
  letGo(): void {
    for (const answering of this.#live) answering.letGo();
  }

  /** Resolves when nothing is under way. */
  whenIdle(): Promise<void> {
    return this.#live.size === 0
      ? Promise.resolve()
      : new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Hands a message over and waits until it has been taken; one that can't be reached has no use for it any more. */
  tell({ address, path, headers, stamp, message }: Told): Observable<never> {
    return defer(() =>
      this.#pool(address).request({
        method: 'POST',
        path,
        headers: [...flat(headers), 'content-type', 'application/json', relayedHeader, stamp],
        body: JSON.stringify(message),
        headersTimeout: tellMs,
        bodyTimeout: tellMs,
      }),
    ).pipe(
      mergeMap(({ body }) => body.dump()),
      ignoreElements(),
      catchError(() => EMPTY), // it is gone, and with it what the message was about
    );
  }

  /** Forgets an instance; what is under way to it may finish. */
  drop(address: string): void {
    void this.#pools.get(address)?.close();
    this.#pools.delete(address);
  }

  /** Ends what is under way to an instance that answers no more. */
  cut(address: string): void {
    void this.#pools.get(address)?.destroy();
    this.#pools.delete(address);
  }

  /** Ends all that is under way. */
  close(): void {
    for (const pool of this.#pools.values()) void pool.destroy();
    this.#pools.clear();
  }

  #ended(place: Place<Answering>): void {
    if (!place.taken) return;
    place.leave();
    if (this.#live.size === 0) for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  #pool(address: string): Pool {
    let pool = this.#pools.get(address);
    if (pool === undefined) {
      const socketPath = address.startsWith(unix) ? address.slice(unix.length) : undefined;
      pool = new Pool(socketPath === undefined ? address : 'http://localhost', {
        connect:
          socketPath === undefined
            ? connectToPeer(connectMs, this.#certificate)
            : { timeout: connectMs, socketPath },
        connections: null,
        keepAliveTimeout: idleMs,
        keepAliveMaxTimeout: idleMs,
        maxHeaderSize: maxHeaderBytes,
      });
      this.#pools.set(address, pool);
    }
    return pool;
  }
}

const unix = 'unix:';

/** The body of a request, not touched before somebody reads it. */
const bodyOf = (request: IncomingMessage): Readable | null => {
  const { 'content-length': length = '0', 'transfer-encoding': coding } = request.headers;
  if (coding === undefined && Number(length) === 0) return null;
  // The connection is its client's: it outlives a hop that has failed.
  return Readable.from(request.iterator({ destroyOnReturn: false }), { objectMode: false });
};

/** Writes the answer to a hop to its client. */
class Answering implements Dispatcher.DispatchHandler {
  readonly #hop: Hop;
  #controller: Dispatcher.DispatchController | undefined;
  #answered = false;
  readonly #ended: () => void;
  readonly #left = (): void => {
    this.#controller?.abort(clientLeft);
    this.#ended();
  };

  constructor(hop: Hop, ended: () => void) {
    this.#hop = hop;
    this.#ended = ended;
    hop.response.once('close', this.#left);
  }

  letGo(): void {
    const { request, response } = this.#hop;
    if (request.method !== 'GET' || !this.#answered) return;
    response.end();
    this.#left();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#hop.response.destroyed) controller.abort(clientLeft);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // Informational answers come before the real one.
    if (status < 200) return;
    this.#answered = true;
    const { response } = this.#hop;
    const passed = Object.entries(headers).filter(([name]) => !ofOneHop.has(name));
    response.writeHead(status, Object.fromEntries(passed));
    // A stream's head must not wait for its first event.
    if (headers['content-length'] === undefined) response.flushHeaders();
  }

  onResponseData(controller: Dispatcher.DispatchController, data: Buffer): void {
    const { response } = this.#hop;
    if (response.write(data)) return;
    controller.pause();
    response.once('drain', () => controller.resume());
  }

  onResponseEnd(): void {
    const { request, response } = this.#hop;
    response.off('close', this.#left);
    this.#ended();
    response.end();
    if (request.complete) return;
    // Answered before it was sent whole: see refuse.
    request.resume();
    const timer = setTimeout(() => request.destroy(), lingerMs);
    timer.unref();
    request.once('close', () => clearTimeout(timer));
  }

  onResponseError(_controller: unknown, cause: Error & { code?: string }): void {
    const { response, failed } = this.#hop;
    response.off('close', this.#left);
    this.#ended();
    if (response.destroyed || response.writableEnded) return;
    // The client sees its answer cut; a stream can be come back for.
    if (this.#answered) return void response.destroy();
    const begun = this.#controller !== undefined;
    failed({ begun, gone: !begun && cause.code !== undefined && nobodyThere.has(cause.code), cause });
  }
}

const nobodyThere = new Set(['ECONNREFUSED', 'ENOENT', 'ECONNRESET']);

/** One shared reason: nobody reads its stack. */
const clientLeft = new errors.RequestAbortedError('the client has left');

/** Headers about a connection, not about what is sent on it (RFC 9110, 7.6.1). */
const ofOneHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/** Headers that were sent with another body, for that one. */
const ofBody = new Set(['content-length', 'content-type']);

/** The client's headers for another message of its. */
const flat = (headers: Headers): string[] =>
  Object.entries(headers).flatMap(([name, value]) =>
    typeof value !== 'string' || ofOneHop.has(name) || ofBody.has(name) || name === relayedHeader
      ? []
      : [name, value],
  );

/** The client's headers, as it wrote them. */
const headersOf = ({ rawHeaders, headers }: IncomingMessage): string[] => {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const passed: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = rawHeaders.slice(i, i + 2);
    const key = name.toLowerCase();
    if (!ofOneHop.has(key) && !named.includes(key)) passed.push(name, value);
  }
  return passed;
};
