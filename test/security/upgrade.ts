import type { RequestParts } from '../support/requestBytes.js';

/** A request for a WebSocket (RFC 6455, 4.1), but for its subprotocol and where it comes from. */
export const upgrade = {
  method: 'GET',
  headers: {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  },
} as const satisfies RequestParts;
