import type { ServerResponse } from 'node:http';
import { sseFrame, sseHeaders, sseHeartbeat } from '../protocol/sse.js';
import type { Channel } from '../streams/channel.js';
import type { Heartbeat } from './heartbeat.js';
import { WritableChannel } from './writableChannel.js';

export interface ToLegacySseOptions {
  /** Where the client is to post its messages: the first event says so. */
  readonly endpoint: string;
  readonly heartbeat: Heartbeat;
  /** A stream silent for so long gets a comment. */
  readonly heartbeatMs: number;
  /** A client that leaves bytes unread for so long is cut off. */
  readonly slowClientTimeoutMs: number;
}

/** Sends messages as events of one stream for everything (2024-11-05: basic/transports, HTTP with SSE). */
export const toLegacySse = (response: ServerResponse, options: ToLegacySseOptions): Channel => {
  const { endpoint, heartbeat, heartbeatMs, slowClientTimeoutMs } = options;
  response.writeHead(200, sseHeaders);
  const channel = new WritableChannel(response, {
    frame: sseFrame,
    heartbeat,
    sign: { text: sseHeartbeat, everyMs: heartbeatMs },
    slowClientTimeoutMs,
    end: (how) => void (how === 'flushed' ? response.end() : response.destroy()),
  });
  response.on('close', () => channel.closed());
  channel.write(`event: endpoint\ndata: ${endpoint}\n\n`);
  return channel;
};
