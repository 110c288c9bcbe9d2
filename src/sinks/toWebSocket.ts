import type { WebSocket } from 'ws';
import type { Channel, Closing } from '../streams/channel.js';
import type { Departure } from '../streams/exchange.js';
import type { Place } from '../streams/members.js';
import { valve, type Valve } from '../streams/valve.js';
import type { Heartbeat, Ticking } from './heartbeat.js';

export interface ToWebSocketOptions {
  readonly heartbeat: Heartbeat;
  /** How often a silent peer is pinged; one that is silent for twice as long is dead. */
  readonly heartbeatMs: number;
  /** Unsent bytes above which the sources are paused. */
  readonly highWaterBytes: number;
  /** A client that leaves bytes unread for so long is cut off. */
  readonly slowClientTimeoutMs: number;
}

/** A long message is one write, whose progress can not be seen: its reader gets time by its size, bytes a millisecond. */
const slowestReaderRate = 32;

/** How a socket is closed (RFC 6455, 7.4.1; 4000 and above are for applications). */
const closings: Readonly<Record<Closing, readonly [code: number, reason: string]>> = {
  'going-away': [1001, 'the gateway is shutting down'],
  'session-ended': [4001, 'the session has ended'],
  'identity-ended': [4401, 'the credential has expired or is not valid any more'],
};
/** How long a peer may take to answer a close, in milliseconds. */
const closeGraceMs = 1000;

/** Sends messages on a WebSocket: one a text frame. */
export const toWebSocket = (socket: WebSocket, options: ToWebSocketOptions): Channel =>
  new WebSocketChannel(socket, options);

class WebSocketChannel implements Channel, Ticking {
  readonly valve: Valve = valve();
  readonly #socket: WebSocket;
  readonly #options: ToWebSocketOptions;
  #fullSince: number | undefined;
  #heard = performance.now();
  #pinged = this.#heard;
  #gone: Departure | undefined;
  #cutOff = false;
  readonly #beat: Place<Ticking>;
  readonly #leavers: ((why: Departure) => void)[] = [];

  constructor(socket: WebSocket, options: ToWebSocketOptions) {
    this.#socket = socket;
    this.#options = options;
    for (const event of ['message', 'ping', 'pong'] as const)
      socket.on(event, () => (this.#heard = performance.now()));
    socket.on('close', () => this.#closed());
    // A client that does not read what it is sent may not send more either: its answers would pile up.
    this.valve.attach(socket);
    this.#beat = options.heartbeat.add(this);
  }

  send(message: unknown): number {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return 0;
    const text = JSON.stringify(message);
    socket.send(text, this.#sent);
    if (this.#fullSince === undefined && socket.bufferedAmount > this.#options.highWaterBytes) {
      this.#fullSince = performance.now();
      this.valve.pause();
    }
    return Buffer.byteLength(text);
  }

  close(why: Closing): void {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return;
    socket.resume();
    socket.close(...closings[why]);
    setTimeout(() => socket.terminate(), closeGraceMs).unref();
  }

  onGone(listener: (why: Departure) => void): void {
    if (this.#gone === undefined) this.#leavers.push(listener);
    else listener(this.#gone);
  }

  tick(now: number): void {
    const { heartbeat, heartbeatMs, slowClientTimeoutMs } = this.#options;
    if (this.#fullSince !== undefined) {
      const patience = slowClientTimeoutMs + this.#socket.bufferedAmount / slowestReaderRate;
      if (now - this.#fullSince <= patience) return;
      this.#cutOff = true;
      // No close frame: it would stand behind what is not read.
      this.#socket.terminate();
    } else if (now - this.#heard > 2 * heartbeatMs && this.#pinged > this.#heard) this.#socket.terminate();
    else if (heartbeat.isDue(now, Math.max(this.#heard, this.#pinged), heartbeatMs)) {
      this.#pinged = now;
      if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
    }
  }

  /** A write has left, or failed because the socket has closed, which `close` tells. */
  readonly #sent = (): void => {
    if (this.#fullSince === undefined) return;
    // A client that reads is not slow, however much there is for it still to read.
    this.#fullSince = performance.now();
    if (this.#socket.bufferedAmount > this.#options.highWaterBytes / 2) return;
    this.#fullSince = undefined;
    this.#heard = performance.now();
    this.valve.resume();
  };

  #closed(): void {
    this.#beat.leave();
    this.#fullSince = undefined;
    // Whoever still sends must not wait for a reader who has left.
    this.valve.resume();
    this.#gone = this.#cutOff ? 'slow' : 'left';
    for (const leave of this.#leavers) leave(this.#gone);
  }
}
