import type { Writable } from 'node:stream';
import type { Channel, Closing } from '../streams/channel.js';
import type { Departure } from '../streams/exchange.js';
import type { Place } from '../streams/members.js';
import { valve, type Valve } from '../streams/valve.js';
import type { Heartbeat, Ticking } from './heartbeat.js';

export interface WritableChannelOptions {
  /** A message as it stands on the stream. */
  readonly frame: (message: unknown) => string;
  readonly heartbeat: Heartbeat;
  /** What a silent stream gets now and then, so that whatever stands between keeps it open. */
  readonly sign?: { readonly text: string; readonly everyMs: number };
  /** A client that leaves bytes unread for so long is cut off. */
  readonly slowClientTimeoutMs: number;
  /** Ends the stream after what has been written, or at once. */
  readonly end: (how: 'flushed' | 'now') => void;
}

/**
 * One writer for all calls of a client whose way out is a byte stream. `closed` has to be called when the stream has ended.
 *
 * The valve closes when the stream's buffer is full and opens when it has drained.
 */
export class WritableChannel implements Channel, Ticking {
  readonly valve: Valve = valve();
  readonly #stream: Writable;
  readonly #options: WritableChannelOptions;
  readonly #leavers: ((why: Departure) => void)[] = [];
  #lastWrite = performance.now();
  #fullSince: number | undefined;
  #gone: Departure | undefined;
  #ended = false;
  #cutOff = false;
  readonly #beat: Place<Ticking>;

  constructor(stream: Writable, options: WritableChannelOptions) {
    this.#stream = stream;
    this.#options = options;
    stream.on('drain', () => this.#drained());
    this.#beat = options.heartbeat.add(this);
  }

  send(message: unknown): number {
    const text = this.#options.frame(message);
    this.write(text);
    return Buffer.byteLength(text);
  }

  /** Writes what is no message: a comment, an event of the transport's own. */
  write(text: string): void {
    if (this.#ended) return;
    this.#lastWrite = performance.now();
    if (this.#stream.write(text) || this.#fullSince !== undefined) return;
    this.#fullSince = this.#lastWrite;
    this.valve.pause();
  }

  close(_why: Closing): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.end('flushed');
  }

  onGone(listener: (why: Departure) => void): void {
    if (this.#gone === undefined) this.#leavers.push(listener);
    else listener(this.#gone);
  }

  tick(now: number): void {
    const { sign, slowClientTimeoutMs, heartbeat } = this.#options;
    if (this.#fullSince !== undefined) {
      if (now - this.#fullSince <= slowClientTimeoutMs) return;
      this.#cutOff = true;
      this.#ended = true;
      this.#options.end('now');
    } else if (sign !== undefined && heartbeat.isDue(now, this.#lastWrite, sign.everyMs))
      this.write(sign.text);
  }

  /** The stream has ended, whoever ended it. */
  closed(): void {
    if (this.#gone !== undefined) return;
    this.#ended = true;
    this.#beat.leave();
    // Whoever still sends must not wait for a reader who has left.
    this.#fullSince = undefined;
    this.valve.resume();
    this.#gone = this.#cutOff ? 'slow' : 'left';
    for (const leave of this.#leavers) leave(this.#gone);
  }

  #drained(): void {
    this.#fullSince = undefined;
    this.valve.resume();
  }
}
