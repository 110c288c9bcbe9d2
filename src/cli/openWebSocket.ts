import { WebSocket } from 'ws';
import { maxBodyHeader } from '../protocol/maxBodyHeader.js';
import { CliError } from './cliError.js';
import type { AddressFlags } from './connection.js';

/** How long a gateway may take to take the upgrade, in milliseconds. */
const handshakeMs = 10_000;

export interface OpenedWebSocket {
  readonly socket: WebSocket;
  /** Longest message that the gateway takes, in bytes; infinite where it does not say. */
  readonly maxBodyBytes: number;
}

/**
 * Opens a WebSocket to a gateway's endpoint, given as its HTTP address.
 *
 * @throws CliError that names the address and says what to do
 */
export const openWebSocket = ({ url, header }: AddressFlags): Promise<OpenedWebSocket> =>
  new Promise((resolve, reject) => {
    const address = url.replace(/^http/, 'ws');
    const socket = new WebSocket(address, 'mcp', {
      headers: header,
      handshakeTimeout: handshakeMs,
      perMessageDeflate: false,
    });
    const failed = (error: Error): void =>
      reject(
        new CliError(`Nothing answers at ${url}${error.message === '' ? '' : ` (${error.message})`}`, {
          cause: error,
          remedy: ['Start the gateway with: sluice start -c gateway.yaml', 'or name another one with --url.'],
        }),
      );
    socket.once('error', failed);
    socket.once('unexpected-response', (request, { statusCode = 0 }) => {
      request.destroy();
      reject(
        new CliError(`${url} takes no WebSocket: it answered with status ${statusCode}`, {
          remedy: [
            'Is it the MCP endpoint of a Sluice gateway, whose `transports.websocket` is on?',
            '`sluice stdio -c gateway.yaml` needs no running gateway.',
          ],
        }),
      );
    });
    let maxBodyBytes = Infinity;
    socket.once('upgrade', ({ headers }) => {
      const told = Number(headers[maxBodyHeader.toLowerCase()]);
      if (told > 0) maxBodyBytes = told;
    });
    socket.once('open', () => {
      socket.off('error', failed);
      // `close` follows, and tells what is to be known.
      socket.on('error', () => undefined);
      resolve({ socket, maxBodyBytes });
    });
  });
