import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Observable } from 'rxjs';
import { WebSocketServer, type WebSocket } from 'ws';
import { fromUnknown, refusal } from '../../protocol/errors.js';
import type { Channel } from '../../streams/channel.js';
import type { Exchange, Principal } from '../../streams/exchange.js';
import type { Caller, Identify } from '../../streams/identify.js';
import type { Latest } from '../../streams/latest.js';
import { endWithIdentity } from '../channel/endWithIdentity.js';
import { Incoming, type ChannelLimits, type ChannelOutlets } from '../channel/incoming.js';
import { maxBodyHeader } from '../../protocol/maxBodyHeader.js';
import { begin } from '../http/begin.js';
import { guard, type GuardOptions } from '../http/guard.js';
import { namespaceOf, type EndpointOptions } from '../http/namespaceOf.js';
import { senderOf } from '../http/senderOf.js';
import { asPlainRequest } from './asPlainRequest.js';
import { refuseUpgrade } from './refuseUpgrade.js';

export interface FromWebSocketOptions extends GuardOptions, ChannelLimits, EndpointOptions {
  readonly enabled: boolean;
  readonly maxBodyBytes: number;
  readonly identify: Identify;
}

const subprotocol = 'mcp';

/**
 * The exchanges that arrive on WebSockets, opened by an upgrade on the paths of the HTTP endpoint.
 *
 * > One JSON-RPC message a text frame. MCP has no binding for WebSockets; this one keeps what it asks of custom transports
 * > (2026-07-28: basic/transports, custom transports) and what the official v1 client speaks (sub-protocol `mcp`).
 *
 * Unsubscribing closes all sockets (1001).
 *
 * @param open makes the way out of a socket
 */
export const fromWebSocket = (
  server: Server,
  options: Latest<FromWebSocketOptions>,
  open: (socket: WebSocket) => Channel,
  outlets: ChannelOutlets,
): Observable<Exchange> =>
  new Observable((subscriber) => {
    const channels = new Set<Channel>();
    const connected = (socket: WebSocket, caller: Caller, principal: Principal): void => {
      const channel = open(socket);
      const { transport, namespace, ...sender } = caller;
      channels.add(channel);
      const incoming = new Incoming({
        channel,
        transport,
        namespace,
        sender,
        limits: () => options.current,
        outlets,
        exchanges: subscriber,
      });
      endWithIdentity(channel, options.current.identify, caller, principal);
      socket.on('close', () => channels.delete(channel));
      // Whatever is wrong with a frame closes the socket with the code RFC 6455 has for it; `close` follows.
      socket.on('error', () => undefined);
      socket.on('message', (data, isBinary) => {
        // A last frame may still come out of the parser after the socket was told to close.
        if (socket.readyState !== socket.OPEN) return;
        if (isBinary) socket.close(1003, 'one JSON-RPC message a text frame');
        else incoming.receive(data as Buffer);
      });
    };
    const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      const { enabled, maxBodyBytes, isDraining } = options.current;
      if (!enabled || request.headers.upgrade?.toLowerCase() !== 'websocket') {
        asPlainRequest(server, request, socket, head);
        return;
      }
      try {
        guard(request, options.current);
        const namespace = namespaceOf(request.url ?? '/', options.current);
        if (isDraining()) throw refusal('ERR_DRAINING', 'The gateway is shutting down');
        const caller: Caller = { transport: 'websocket', namespace, ...senderOf(request) };
        begin({
          identify: options.current.identify,
          caller,
          socket,
          refused: (error) => refuseUpgrade(socket, error),
          known: (principal) =>
            accepting(maxBodyBytes).handleUpgrade(request, socket, head, (opened) =>
              connected(opened, caller, principal),
            ),
        });
      } catch (error) {
        refuseUpgrade(socket, fromUnknown(error));
      }
    };
    server.on('upgrade', upgrade);
    return () => {
      server.off('upgrade', upgrade);
      for (const channel of channels) channel.close('going-away');
    };
  });

/** What makes an upgrade a WebSocket; it keeps nothing but its options. Compression is off: it costs 300 KB a socket. */
const accepting = (maxPayload: number): WebSocketServer =>
  new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
    // A larger frame would cost the whole connection (1009): who knows the bound can refuse a message by itself.
  }).on('headers', (headers) => headers.push(`${maxBodyHeader}: ${maxPayload}`));
