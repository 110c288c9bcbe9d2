import type { Writable } from 'node:stream';
import type { Channel } from '../streams/channel.js';
import type { Heartbeat } from './heartbeat.js';
import { WritableChannel } from './writableChannel.js';

export interface ToStdioOptions {
  readonly heartbeat: Heartbeat;
  /** A client that leaves bytes unread for so long is taken for gone. */
  readonly slowClientTimeoutMs: number;
}

/**
 * Sends messages as lines of a stream that is not ours to end (stdout). JSON has no raw line break, so a message is one line.
 */
export const toStdio = (stream: Writable, { heartbeat, slowClientTimeoutMs }: ToStdioOptions): Channel => {
  const channel: WritableChannel = new WritableChannel(stream, {
    frame: (message) => `${JSON.stringify(message)}\n`,
    heartbeat,
    slowClientTimeoutMs,
    end: () => channel.closed(),
  });
  // A client that has closed its end: nobody is there to read.
  stream.on('close', () => channel.closed());
  stream.on('error', () => channel.closed());
  return channel;
};
