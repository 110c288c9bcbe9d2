import type { ServerResponse } from 'node:http';
import { valve, type Valve } from '../streams/valve.js';

/** Part of a long answer that is written at once, in bytes. */
const sliceBytes = 256 * 1024;

/**
 * Writes to one HTTP response as fast as its client reads: the valve closes when the socket's buffer is full and opens when it
 * has drained. A base class and not a part: an object more for each call is what this path is kept free of.
 */
export abstract class ResponseWriter {
  /** Of whoever reads. */
  readonly valve: Valve = valve();
  protected readonly response: ServerResponse;
  protected lastWrite = performance.now();
  /** Since when the client has left bytes unread, as `performance.now()` tells. */
  protected fullSince: number | undefined;
  #corked = false;
  #ending = false;

  protected constructor(response: ServerResponse) {
    this.response = response;
    response.on('drain', () => this.#drained());
  }

  protected write(text: string): void {
    const { response } = this;
    // Frames that come of one chunk of the backend's leave in one write: +50 % throughput measured.
    if (!this.#corked) {
      this.#corked = true;
      response.cork();
      process.nextTick(() => this.#uncork());
    }
    this.lastWrite = performance.now();
    if (!response.write(text) && this.fullSince === undefined) {
      this.fullSince = this.lastWrite;
      this.valve.pause();
    }
  }

  /**
   * Writes the last text and ends. A long one leaves in slices, each when the one before has drained: to see whether a slow
   * client reads at all, one has to see it read a part.
   */
  protected end(text = ''): void {
    const { response } = this;
    this.#ending = true;
    this.#uncork();
    if (text === '') return void response.end();
    if (text.length <= sliceBytes) return void response.end(text);
    const bytes = Buffer.from(text);
    let offset = 0;
    const more = (): void => {
      while (offset < bytes.length) {
        const slice = bytes.subarray(offset, (offset += sliceBytes));
        if (response.write(slice)) continue;
        this.fullSince = performance.now();
        response.once('drain', more);
        return;
      }
      response.end();
    };
    more();
  }

  /** Also before the end: node writes the last chunk of a corked response ahead of what is corked, and that is lost then. */
  #uncork(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.response.uncork();
  }

  #drained(): void {
    this.fullSince = undefined;
    if (!this.#ending) this.valve.resume();
  }
}
