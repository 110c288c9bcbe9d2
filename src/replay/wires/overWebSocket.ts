import { WebSocket, type RawData } from 'ws';
import type { OpenCarrier } from './channelWire.js';
import type { WireOptions } from './wire.js';

/** How long a target may take to take an upgrade, in milliseconds. */
const handshakeMs = 10_000;

/** A WebSocket to the target. */
export const overWebSocket =
  ({ url, headers }: Pick<WireOptions, 'url' | 'headers'>): OpenCarrier =>
  (taken, lost) => {
    const socket = new WebSocket(url.replace(/^http/, 'ws'), 'mcp', {
      headers: { ...headers },
      handshakeTimeout: handshakeMs,
      perMessageDeflate: false,
    });
    const waiting: string[] = [];
    socket.on('open', () => {
      for (const text of waiting.splice(0)) socket.send(text);
    });
    socket.on('message', (data) => taken(textOf(data)));
    socket.on('error', (error) => lost(`the WebSocket failed: ${error.message}`));
    socket.on('close', (code) => lost(`the WebSocket was closed (${code})`));
    return {
      send: (text) => {
        if (socket.readyState === socket.CONNECTING) waiting.push(text);
        else socket.send(text, () => undefined);
      },
      close: () => socket.close(),
    };
  };

const textOf = (data: RawData): string =>
  Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as Buffer).toString();
