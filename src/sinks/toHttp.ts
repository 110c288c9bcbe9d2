import type { ServerResponse } from 'node:http';
import { limits } from '../config/limits.js';
import { refusal } from '../protocol/errors.js';
import { isRequest, type JsonRpcCall, type RequestId } from '../protocol/jsonrpc.js';
import type { Implementation } from '../protocol/mcp.js';
import { internalMethods } from '../protocol/methods.js';
import type { Revision } from '../protocol/revisions/revision.js';
import { sseEvent, sseHeaders, sseHeartbeat, ssePriming, sseRetry } from '../protocol/sse.js';
import type { Departure, Outlet } from '../streams/exchange.js';
import type { Place } from '../streams/members.js';
import type { OpenStream, StreamOwner } from '../streams/openStream.js';
import type { OpenStreams } from '../streams/openStreams.js';
import type { AskReply, ErrorReply, Reply, ReplayReply, ResultReply } from '../streams/reply.js';
import { encode } from './encode.js';
import type { Heartbeat, Ticking } from './heartbeat.js';
import { ResponseWriter } from './responseWriter.js';

export interface ToHttpOptions {
  readonly message: JsonRpcCall;
  readonly revision: Revision;
  /** What the client accepts. */
  readonly accepts: { readonly json: boolean; readonly sse: boolean; readonly prefersSse?: boolean };
  readonly serverInfo: Implementation;
  readonly heartbeat: Heartbeat;
  /** Takes what the client is asked for, and gives the id to ask it by; undefined where a client can't be asked. */
  readonly asking?: Asking;
  /** Where streams are opened that a client can come back for; it can in a session only. */
  readonly streams?: OpenStreams;
  readonly sessionId?: string | undefined;
  /** A stream silent for so long gets a comment, so that load balancers keep it open. */
  readonly heartbeatMs: number;
  /** A client that leaves bytes unread for so long is cut off. */
  readonly slowClientTimeoutMs: number;
}

/** The book of what clients have been asked; see `Asks`. */
export interface Asking {
  /** Undefined for one too many, which has its answer already. */
  open(ask: AskReply): RequestId | undefined;
  drop(id: RequestId): void;
}

/**
 * Sends the replies to one exchange as an HTTP response: as JSON if the answer comes first, as SSE as soon as anything comes
 * before it, when the call takes long enough to need heartbeats, or when the client likes SSE better.
 *
 * The valve closes when the socket's buffer is full and opens when it has drained, so a slow client holds its backend back
 * instead of filling our memory. A stream in a session goes on without its connection, for the client to come back for.
 */
export const toHttp = (response: ServerResponse, options: ToHttpOptions): Outlet =>
  new HttpOutlet(response, options);

class HttpOutlet extends ResponseWriter implements Outlet, Ticking, StreamOwner {
  readonly #options: ToHttpOptions;
  #streaming = false;
  /** Nothing more will be sent. */
  #over = false;
  /** The response is still this outlet's to write to. */
  #attached = true;
  #cutOff = false;
  readonly #beat: Place<Ticking> | undefined;
  #onGone: ((why: Departure) => void) | undefined;
  #asked: RequestId[] | undefined;
  /** Set when a stream is opened that can be resumed. */
  #stream: OpenStream | undefined;

  constructor(response: ServerResponse, options: ToHttpOptions) {
    super(response);
    this.#options = options;
    response.on('close', () => this.#closed());
    // One that has closed already will not say so again.
    this.#beat = response.destroyed ? undefined : options.heartbeat.add(this);
  }

  get away(): boolean {
    return this.#stream?.awaySince !== undefined;
  }

  onGone(listener: (why: Departure) => void): void {
    // The client may have left while its message was on the way through the event loop.
    if (this.response.destroyed && !this.response.writableFinished) listener('left');
    else this.#onGone = listener;
  }

  next(reply: Reply): void {
    if (this.#over) return;
    switch (reply.kind) {
      case 'open':
        this.#openStream({ anew: true });
        return;
      case 'notification':
        if (!this.#options.accepts.sse) return;
        this.#openStream();
        this.#send({ jsonrpc: '2.0', method: reply.method, params: reply.params });
        return;
      case 'ask':
        this.#ask(reply);
        return;
      case 'poll':
        this.#letGo(reply.retryMs);
        return;
      case 'replay':
        this.#replay(reply);
        return;
      case 'accepted':
        this.#finish(reply.status ?? 202);
        return;
      case 'end':
        // Cancelled: no answer is owed, but the response has to end.
        this.#stream?.end(reply);
        this.#cut();
        return;
      case 'result':
      case 'error':
        this.#answer(reply);
    }
  }

  /** Pipelines answer their errors themselves; one that comes here is a defect, and the client is cut off rather than left waiting. */
  error(): void {
    this.#conclude();
    this.response.destroy();
  }

  complete(): void {
    if (!this.#over) this.#finish(204);
  }

  letGo(): void {
    if (!this.#attached) return;
    this.#attached = false;
    this.response.destroy();
  }

  tick(now: number): void {
    if (!this.#attached) {
      if (now - (this.#stream?.awaySince ?? now) > limits.awayStreamMs) this.#abandon();
      return;
    }
    if (this.fullSince !== undefined && now - this.fullSince > this.#options.slowClientTimeoutMs) {
      this.#cutOff = true;
      this.response.destroy();
      return;
    }
    if (this.#over || this.fullSince !== undefined || !this.#isSilent(now)) return;
    const mayOpen = this.#options.accepts.sse && isRequest(this.#options.message);
    if (!this.#streaming && !mayOpen) return;
    this.#openStream();
    this.write(sseHeartbeat);
  }

  /** Whether something has to be said. A call that may be lost with its connection becomes a stream early. */
  #isSilent(now: number): boolean {
    const { heartbeat, heartbeatMs, revision, sessionId } = this.#options;
    const early = !this.#streaming && revision.primesStreams && sessionId !== undefined;
    if (early && now - this.lastWrite >= limits.streamAfterMs) return true;
    return heartbeat.isDue(now, this.lastWrite, heartbeatMs);
  }

  /** Sends a request of the backend's to the client, on the stream of the call it belongs to. */
  #ask(ask: AskReply): void {
    const { accepts, asking } = this.#options;
    const reaches = this.#stream !== undefined || !this.response.destroyed;
    if (!accepts.sse || asking === undefined || !reaches) {
      ask.answer({ error: { code: -32603, message: 'The client can not be asked' } });
      return;
    }
    const id = asking.open(ask);
    if (id === undefined) return;
    this.#openStream();
    (this.#asked ??= []).push(id);
    this.#send({ jsonrpc: '2.0', id, method: ask.method, params: ask.params });
  }

  /** Ends the response, not the stream: the client comes back for it. One that can't goes on waiting. */
  #letGo(retryMs: number): void {
    const { accepts, revision } = this.#options;
    if (!this.#attached) return void this.#stream?.release();
    if (!accepts.sse || !revision.primesStreams || this.response.destroyed) return;
    // What it has not read yet would hold the connection all the same.
    if (this.fullSince !== undefined) return;
    this.#openStream();
    if (this.#stream === undefined) return;
    this.#attached = false;
    this.write(sseRetry(retryMs));
    this.end();
    this.#stream.leave();
  }

  #replay({ events }: ReplayReply): void {
    this.#head();
    for (const { data, id } of events) this.write(sseEvent(data, id));
  }

  #answer(reply: ResultReply | ErrorReply): void {
    const { message, revision, serverInfo, accepts } = this.#options;
    const text = JSON.stringify(encode(reply, message, revision, serverInfo));
    const status = reply.kind === 'error' ? (reply.status ?? revision.relayedStatus(reply.error)) : 200;
    const asEvent = !accepts.json || (accepts.prefersSse === true && isRequest(message));
    if (this.#streaming || (status === 200 && asEvent)) {
      this.#openStream({ headers: reply.headers });
      const event = this.#stream?.push(text);
      this.#conclude();
      if (this.#attached) this.end(sseEvent(text, event?.id));
      return;
    }
    this.#conclude();
    this.response.writeHead(status, {
      'content-type': 'application/json',
      ...reply.headers,
      'content-length': Buffer.byteLength(text),
    });
    this.end(text);
  }

  /** Begins a stream of this exchange's own. @param opening `anew`: also beneath the events of one that was lost */
  #openStream(opening: Opening = {}): void {
    const { anew = false, headers } = opening;
    if (this.#stream !== undefined || (this.#streaming && !anew)) return;
    const { message, revision, streams, sessionId } = this.#options;
    this.#head(headers);
    if (streams === undefined || sessionId === undefined) return;
    if (!isRequest(message) && message.method !== internalMethods.stream && !anew) return;
    this.#stream = streams.open(sessionId, this, isRequest(message) ? message.id : undefined);
    if (revision.primesStreams) this.write(ssePriming(this.#stream.primingId, limits.reconnectMs));
  }

  #head(headers?: Readonly<Record<string, string>>): void {
    if (this.#streaming) return;
    this.#streaming = true;
    this.response.writeHead(200, { ...sseHeaders, ...headers });
    this.response.flushHeaders();
    this.lastWrite = performance.now();
  }

  #send(message: unknown): void {
    const text = JSON.stringify(message);
    const event = this.#stream?.push(text);
    if (this.#attached) this.write(sseEvent(text, event?.id));
  }

  /** Ends the response without an answer. */
  #cut(): void {
    const { accepts, revision } = this.#options;
    if (this.#streaming && this.#attached && revision.primesStreams) this.write(sseRetry(limits.reconnectMs));
    else if (accepts.sse) this.#head();
    this.#finish(204);
  }

  #finish(status: number): void {
    this.#conclude();
    if (!this.#attached) return;
    if (!this.#streaming) this.response.writeHead(status);
    this.end();
  }

  #conclude(): void {
    this.#over = true;
    this.#stream?.end();
    for (const id of this.#asked ?? []) this.#options.asking?.drop(id);
    if (!this.#attached) this.#beat?.leave();
  }

  #closed(): void {
    const { message } = this.#options;
    const stays = this.#stream !== undefined && !this.#over && !this.#cutOff;
    const taken = !this.#attached;
    this.#attached = false;
    // A call has time limits of its own; a standalone stream has the clock's.
    if (!stays || isRequest(message)) this.#beat?.leave();
    if (taken && stays) return;
    if (stays) return void this.#stream?.leave();
    const left = !this.#over;
    // Before the valve opens: what then comes at once has nowhere to go.
    this.#over ||= this.#stream === undefined;
    // Whoever still sends (a call that goes on without its client) must not wait for a drain that will never come.
    this.valve.resume();
    if (!left) return;
    // Who comes back for a stream that was cut off for not being read is told so.
    if (this.#cutOff && isRequest(message)) this.#answer(tooSlow());
    else this.#conclude();
    this.#onGone?.(this.#cutOff ? 'slow' : 'left');
  }

  /** Nobody has come back for a standalone stream. */
  #abandon(): void {
    this.#conclude();
    this.#onGone?.('left');
  }
}

interface Opening {
  readonly anew?: boolean;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const tooSlow = (): ErrorReply => ({
  kind: 'error',
  error: refusal('ERR_SLOW_CONSUMER', 'The connection was closed: its client did not read').toJsonRpc(),
});
