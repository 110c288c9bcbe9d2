import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

/** Headers that belong to the offer, not to the request. */
const ofTheOffer = new Set(['upgrade', 'connection', 'http2-settings']);

/**
 * Serves a request whose offer to upgrade is not taken up as what it is otherwise (RFC 9110, 7.8: an offer may be ignored).
 *
 * Once somebody listens for upgrades, Node hands over every one of them and forgets the request. Java's HTTP client offers
 * HTTP/2 (`Upgrade: h2c`) with each request: those clients would get no answer at all. So the connection starts anew, with
 * the request written again without the offer in front of what has not been read yet.
 */
export const asPlainRequest = (
  server: Server,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void => {
  const lines = [`${request.method ?? 'GET'} ${request.url ?? '/'} HTTP/${request.httpVersion}`];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i] ?? '';
    if (!ofTheOffer.has(name.toLowerCase())) lines.push(`${name}: ${request.rawHeaders[i + 1] ?? ''}`);
  }
  if (!/\bkeep-alive\b/i.test(request.headers.connection ?? '') && request.httpVersion === '1.0')
    lines.push('Connection: close');
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  // What is deciphered already must not be taken for a handshake.
  server.emit(socket instanceof TLSSocket ? 'secureConnection' : 'connection', socket);
};
