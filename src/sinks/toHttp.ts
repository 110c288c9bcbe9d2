import type { ServerResponse } from 'node:http';
import { isRequest, type JsonRpcCall, type RequestId } from '../protocol/jsonrpc.js';
import type { Implementation } from '../protocol/mcp.js';
import type { Revision } from '../protocol/revisions/revision.js';
import { sseEvent, sseFrame, sseHeaders, sseHeartbeat } from '../protocol/sse.js';
import type { Departure, Outlet } from '../streams/exchange.js';
import type { AskReply, Reply } from '../streams/reply.js';
import { valve, type Valve } from '../streams/valve.js';
import { encode } from './encode.js';
import type { Heartbeat, Ticking } from './heartbeat.js';

export interface ToHttpOptions {
  readonly message: JsonRpcCall;
  readonly revision: Revision;
  /** What the client accepts. */
  readonly accepts: { readonly json: boolean; readonly sse: boolean };
  readonly serverInfo: Implementation;
  readonly heartbeat: Heartbeat;
  /** Takes what the client is asked for, and gives the id to ask it by; undefined where a client can't be asked. */
  readonly asking?: Asking;
  /** A stream silent for so long gets a comment, so that load balancers keep it open. */
  readonly heartbeatMs: number;
  /** A client that leaves bytes unread for so long is cut off. */
  readonly slowClientTimeoutMs: number;
}

/** The book of what clients have been asked; see `Asks`. */
export interface Asking {
  open(ask: AskReply): RequestId;
  drop(id: RequestId): void;
}

/** Part of a long answer that is written at once, in bytes. */
const sliceBytes = 256 * 1024;

/**
 * Sends the replies to one exchange as an HTTP response: as JSON if the answer comes first, as SSE as soon as anything comes
 * before it, or when the call takes long enough to need heartbeats.
 *
 * The valve closes when the socket's buffer is full and opens when it has drained, so a slow client holds its backend back
 * instead of filling our memory.
 */
export const toHttp = (response: ServerResponse, options: ToHttpOptions): Outlet =>
  new HttpOutlet(response, options);

class HttpOutlet implements Outlet, Ticking {
  readonly valve: Valve = valve();
  readonly #response: ServerResponse;
  readonly #options: ToHttpOptions;
  #streaming = false;
  #over = false;
  #corked = false;
  #lastWrite = performance.now();
  #fullSince: number | undefined;
  #onGone: ((why: Departure) => void) | undefined;
  #cutOff = false;
  readonly #asked: RequestId[] = [];

  constructor(response: ServerResponse, options: ToHttpOptions) {
    this.#response = response;
    this.#options = options;
    response.on('close', () => this.#closed());
    response.on('drain', () => this.#drained());
    // One that has closed already will not say so again.
    if (!response.destroyed) options.heartbeat.add(this);
  }

  onGone(listener: (why: Departure) => void): void {
    // The client may have left while its message was on the way through the event loop.
    if (this.#response.destroyed && !this.#response.writableFinished) listener('left');
    else this.#onGone = listener;
  }

  next(reply: Reply): void {
    if (this.#over) return;
    switch (reply.kind) {
      case 'open':
        this.#openStream();
        return;
      case 'notification':
        if (!this.#options.accepts.sse) return;
        this.#openStream();
        this.#write(sseFrame({ jsonrpc: '2.0', method: reply.method, params: reply.params }));
        return;
      case 'ask':
        this.#ask(reply);
        return;
      case 'accepted':
        this.#finish(reply.status ?? 202, {});
        return;
      case 'end':
        // Cancelled: no answer is owed, but the response has to end.
        if (this.#options.accepts.sse) this.#openStream();
        this.#finish(204, {});
        return;
      case 'result':
      case 'error':
        this.#answer(reply);
    }
  }

  /** Pipelines answer their errors themselves; one that comes here is a defect, and the client is cut off rather than left waiting. */
  error(): void {
    this.#response.destroy();
  }

  complete(): void {
    if (!this.#over) this.#finish(204, {});
  }

  tick(now: number): void {
    if (this.#fullSince !== undefined && now - this.#fullSince > this.#options.slowClientTimeoutMs) {
      this.#cutOff = true;
      this.#response.destroy();
      return;
    }
    if (this.#over || this.#fullSince !== undefined || now - this.#lastWrite < this.#options.heartbeatMs)
      return;
    const mayOpen = this.#options.accepts.sse && isRequest(this.#options.message);
    if (!this.#streaming && !mayOpen) return;
    this.#openStream();
    this.#write(sseHeartbeat);
  }

  /** Sends a request of the backend's to the client, on the stream of the call it belongs to. */
  #ask(ask: AskReply): void {
    const { accepts, asking } = this.#options;
    if (!accepts.sse || asking === undefined || this.#response.destroyed) {
      ask.answer({ error: { code: -32603, message: 'The client can not be asked' } });
      return;
    }
    this.#openStream();
    const id = asking.open(ask);
    this.#asked.push(id);
    this.#write(sseFrame({ jsonrpc: '2.0', id, method: ask.method, params: ask.params }));
  }

  #answer(reply: Extract<Reply, { kind: 'result' | 'error' }>): void {
    const { message, revision, serverInfo, accepts } = this.#options;
    const text = JSON.stringify(encode(reply, message, revision, serverInfo));
    const status = reply.kind === 'error' ? (reply.status ?? revision.relayedStatus(reply.error)) : 200;
    if (this.#streaming || (status === 200 && !accepts.json)) {
      this.#openStream(reply.headers);
      this.#over = true;
      this.#end(sseEvent(text));
      return;
    }
    this.#over = true;
    this.#response.writeHead(status, {
      'content-type': 'application/json',
      ...reply.headers,
      'content-length': Buffer.byteLength(text),
    });
    this.#end(text);
  }

  #openStream(headers?: Readonly<Record<string, string>>): void {
    if (this.#streaming) return;
    this.#streaming = true;
    this.#response.writeHead(200, { ...sseHeaders, ...headers });
    this.#response.flushHeaders();
    this.#lastWrite = performance.now();
  }

  #write(text: string): void {
    const response = this.#response;
    // Frames that come of one chunk of the backend's leave in one write: +50 % throughput measured.
    if (!this.#corked) {
      this.#corked = true;
      response.cork();
      process.nextTick(() => this.#uncork());
    }
    this.#lastWrite = performance.now();
    if (!response.write(text) && this.#fullSince === undefined) {
      this.#fullSince = this.#lastWrite;
      this.valve.pause();
    }
  }

  /** Also before the end: node writes the last chunk of a corked response ahead of what is corked, and that is lost then. */
  #uncork(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#response.uncork();
    // Many small frames overfill the corked response, but may leave one by one as fast as they are uncorked: the socket was
    // then never full, and there will be no drain.
    if (this.#fullSince !== undefined && this.#response.socket?.writableNeedDrain === false) this.#drained();
  }

  #finish(status: number, headers: Readonly<Record<string, string>>): void {
    this.#over = true;
    this.#uncork();
    if (!this.#streaming) this.#response.writeHead(status, headers);
    this.#response.end();
  }

  /**
   * Writes the last text and ends. A long one leaves in slices, each when the one before has drained: to see whether a slow
   * client reads at all, one has to see it read a part.
   */
  #end(text: string): void {
    const response = this.#response;
    this.#uncork();
    if (text.length <= sliceBytes) return void response.end(text);
    const bytes = Buffer.from(text);
    let offset = 0;
    const more = (): void => {
      while (offset < bytes.length) {
        const slice = bytes.subarray(offset, (offset += sliceBytes));
        if (response.write(slice)) continue;
        this.#fullSince = performance.now();
        response.once('drain', more);
        return;
      }
      response.end();
    };
    more();
  }

  #drained(): void {
    this.#fullSince = undefined;
    if (!this.#over) this.valve.resume();
  }

  #closed(): void {
    this.#options.heartbeat.remove(this);
    for (const id of this.#asked) this.#options.asking?.drop(id);
    const left = !this.#over;
    this.#over = true;
    // Whoever still sends (a call that goes on without its client) must not wait for a drain that will never come.
    this.valve.resume();
    if (left) this.#onGone?.(this.#cutOff ? 'slow' : 'left');
  }
}
