import {
  StreamableHTTPClientTransport as HttpV2,
  type Transport as TransportV2,
} from '@modelcontextprotocol/client';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import type { RunningGateway } from '../../support/startGateway.js';
import { connectV1 } from './connectV1.js';
import { connectV2 } from './connectV2.js';
import type { MatrixClient } from './matrixClient.js';
import type { ClientKind } from './plan.js';

// What browsers and newer Nodes have; the official transport looks for it there.
Object.assign(globalThis, { WebSocket });

const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

const webSocket = ({ port }: RunningGateway) =>
  new WebSocketClientTransport(new URL(`ws://127.0.0.1:${port}/mcp`));

/** The v1 SDK's WebSocket for the v2 SDK's client, which has none: frames are the same in both. */
const webSocketV2 = (gateway: RunningGateway): TransportV2 => {
  const transport = webSocket(gateway);
  const adapted: TransportV2 = {
    start: () => transport.start(),
    send: (message) => transport.send(message),
    close: () => transport.close(),
  };
  transport.onmessage = (message) => adapted.onmessage?.(message);
  transport.onclose = () => adapted.onclose?.();
  transport.onerror = (error) => adapted.onerror?.(error);
  return adapted;
};

/** How each kind of client comes to the gateway. */
export const connect: Readonly<Record<ClientKind, (gateway: RunningGateway) => Promise<MatrixClient>>> = {
  v1Http: ({ url }) => connectV1(new HttpV1(new URL(url))),
  v2LegacyHttp: ({ url }) => connectV2(new HttpV2(new URL(url)), 'legacy'),
  v2ModernHttp: ({ url }) => connectV2(new HttpV2(new URL(url)), 'modern'),
  v1Sse: ({ port }) => connectV1(new SSEClientTransport(new URL(`http://127.0.0.1:${port}/sse`))),
  v1WebSocket: (gateway) => connectV1(webSocket(gateway)),
  v1Stdio: ({ url }) =>
    connectV1(
      new StdioClientTransport({
        command: process.execPath,
        args: ['--import', 'tsx', main, 'stdio', '--url', url],
        stderr: 'ignore',
      }),
    ),
  v2ModernWebSocket: (gateway) => connectV2(webSocketV2(gateway), 'modern'),
};
