/** Clients that open a stream, say nothing more and read nothing: one connection a stream. Each gives what closes it. */
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { modernPost, modernRequest, post } from './workloads.mjs';

const legacy = '2025-11-25';

const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: legacy, capabilities: {}, clientInfo: { name: 'bench', version: '1.0.0' } },
});
const initialized = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });

/** A request for changes of the tools. */
export const listenRequest = (id) => {
  const params = { notifications: { toolsListChanged: true } };
  return modernRequest({ id, method: 'subscriptions/listen', params });
};

/** A socket on which one thing is said after the other. */
const openSocket = (port) =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () =>
      resolve({
        /** Sends bytes; gives what has come when it contains `expected`. */
        say: (bytes, expected) =>
          new Promise((seen, failed) => {
            let text = '';
            const more = (chunk) => {
              text += chunk.toString('latin1');
              if (!text.includes(expected)) return;
              socket.off('data', more);
              seen(text);
            };
            socket.on('data', more);
            socket.once('close', () => failed(new Error(`closed before ${expected}: ${text.slice(0, 300)}`)));
            socket.write(bytes);
          }),
        close: () => socket.destroy(),
      }),
    );
  });

/** 2025-11-25: a session and its standalone stream. */
const standalone = async (port) => {
  const { say, close } = await openSocket(port);
  const opened = await say(post(port, '', initialize), '"result"');
  const [, session] = /^mcp-session-id: (\S+)/im.exec(opened);
  const headers = `mcp-protocol-version: ${legacy}\r\nmcp-session-id: ${session}\r\n`;
  await say(post(port, headers, initialized), ' 202 ');
  await say(
    `GET /mcp HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\naccept: text/event-stream\r\n${headers}\r\n`,
    'event-stream',
  );
  return close;
};

/** 2026-07-28: a listen stream, acknowledged. */
const listen = async (port) => {
  const { say, close } = await openSocket(port);
  await say(modernPost(port, listenRequest(1)), 'acknowledged');
  return close;
};

/** A WebSocket with a session of 2025-11-25. */
const webSocket = (port) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/mcp`, ['mcp'], { perMessageDeflate: false });
    socket.once('error', reject);
    socket.once('open', () => socket.send(initialize));
    socket.once('message', () => {
      socket.send(initialized);
      resolve(() => socket.terminate());
    });
  });

/** Kind of stream → how one is opened. */
export const idleStreams = { 'sse 2025': standalone, 'listen 2026': listen, websocket: webSocket };
