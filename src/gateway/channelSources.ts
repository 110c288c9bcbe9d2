import type { IncomingMessage, Server } from 'node:http';
import { merge, type Observable } from 'rxjs';
import type { Settings } from '../config/settings.js';
import type { Implementation } from '../protocol/mcp.js';
import type { Heartbeat } from '../sinks/heartbeat.js';
import { toChannel } from '../sinks/toChannel.js';
import type { Asking } from '../sinks/toHttp.js';
import { toLegacySse } from '../sinks/toLegacySse.js';
import { toStdio } from '../sinks/toStdio.js';
import { toWebSocket } from '../sinks/toWebSocket.js';
import type { ChannelOutlets } from '../sources/channel/incoming.js';
import type { EndpointOptions } from '../sources/http/namespaceOf.js';
import type { RequestFeed } from '../sources/http/requestFeed.js';
import { fromLegacySse } from '../sources/sse/fromLegacySse.js';
import { fromStdio } from '../sources/stdio/fromStdio.js';
import { fromWebSocket } from '../sources/ws/fromWebSocket.js';
import type { ByteBudget } from '../streams/byteBudget.js';
import type { Exchange } from '../streams/exchange.js';
import type { Identify } from '../streams/identify.js';
import type { Latest } from '../streams/latest.js';
import { guardOf } from './guardOf.js';
import { partRequests } from './partRequests.js';
import { perSettings } from './perSettings.js';
import type { Pipes } from './pipes.js';

export interface ChannelSourcesOptions {
  /** The HTTP requests to be served here. */
  readonly requests: RequestFeed;
  /** Makes the id of an HTTP+SSE stream, a secret. */
  readonly streamId: () => string;
  readonly settings: Latest<Settings>;
  readonly endpoint: (settings: Settings) => EndpointOptions;
  readonly serverInfo: Implementation;
  readonly heartbeat: Heartbeat;
  readonly asking: (sessionId: string) => Asking;
  readonly isRefusing: () => boolean;
  readonly bodies: ByteBudget;
  readonly identify: Identify;
}

export interface ChannelSources {
  /** What clients send on WebSockets and for HTTP+SSE. */
  readonly exchanges$: Observable<Exchange>;
  /** The HTTP requests that are for neither. */
  readonly rest: RequestFeed;
  /** What one local client sends on a pipe. */
  fromPipes(pipes: Pipes): Observable<Exchange>;
}

/** The transports on which one connection carries all messages of a client, wired to the settings of the moment. */
export const channelSources = (server: Server, options: ChannelSourcesOptions): ChannelSources => {
  const { requests, streamId, settings, endpoint, serverInfo, heartbeat } = options;
  const { asking, isRefusing, bodies, identify } = options;
  const outlets: ChannelOutlets = (channel, message, { revision, sessionId }) =>
    toChannel(channel, {
      message,
      revision,
      serverInfo,
      ...(sessionId === undefined ? undefined : { asking: asking(sessionId) }),
    });
  const bounds = (current: Settings) => ({
    ...current.http,
    ...guardOf(current),
    maxCalls: current.transports.maxCallsPerConnection,
    isDraining: isRefusing,
    bodies,
  });
  const webSocketOptions = perSettings(settings, (current) => ({
    ...bounds(current),
    ...endpoint(current),
    ...current.transports.webSocket,
    identify,
  }));
  const sseOptions = perSettings(settings, (current) => ({
    ...bounds(current),
    ...endpoint(current),
    ...current.transports.legacySse,
    streamId,
    identify,
  }));
  const [ofSse, rest] = partRequests(requests, (request) => isLegacySse(request, settings.current));
  return {
    rest,
    exchanges$: merge(
      fromWebSocket(
        server,
        webSocketOptions,
        (socket) => {
          const { http, buffers } = settings.current;
          return toWebSocket(socket, { heartbeat, ...http, highWaterBytes: buffers.webSocketBytes });
        },
        outlets,
      ),
      fromLegacySse(
        ofSse,
        sseOptions,
        (response, path) => toLegacySse(response, { endpoint: path, heartbeat, ...settings.current.http }),
        outlets,
      ),
    ),
    fromPipes: ({ input, output }) =>
      fromStdio(
        input,
        toStdio(output, { heartbeat, ...settings.current.http }),
        perSettings(settings, bounds),
        outlets,
      ),
  };
};

const isLegacySse = ({ url = '/' }: IncomingMessage, { transports: { legacySse } }: Settings): boolean => {
  const { enabled, path, messagesPath } = legacySse;
  if (!enabled) return false;
  return startsWithPath(url, path) || startsWithPath(url, messagesPath);
};

const startsWithPath = (url: string, path: string): boolean => {
  if (!url.startsWith(path)) return false;
  const next = url.charAt(path.length);
  return next === '' || next === '?' || next === '/';
};
