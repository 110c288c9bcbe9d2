import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { GatewayError } from '../../protocol/errors.js';

/** Answers an upgrade that is not allowed, as the same request without an upgrade would be answered, and hangs up. */
export const refuseUpgrade = (socket: Duplex, error: GatewayError): void => {
  const { http: status } = error.facts;
  const body = JSON.stringify({ jsonrpc: '2.0', error: error.toJsonRpc() });
  const head = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
    ...error.headers,
  };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  // The client may hang up before it has read this; there is nobody to tell then.
  socket.on('error', () => undefined);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
};
