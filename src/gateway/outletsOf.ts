import type { Settings } from '../config/settings.js';
import type { Implementation } from '../protocol/mcp.js';
import type { Heartbeat } from '../sinks/heartbeat.js';
import { toBatch } from '../sinks/toBatch.js';
import { toHttp } from '../sinks/toHttp.js';
import type { HttpOutlets } from '../sources/http/fromHttp.js';
import type { Asks } from '../streams/asks.js';
import type { Latest } from '../streams/latest.js';
import type { OpenStreams } from '../streams/openStreams.js';
import { askingIn } from './askingIn.js';

export interface OutletsOptions {
  readonly settings: Latest<Settings>;
  readonly serverInfo: Implementation;
  readonly heartbeat: Heartbeat;
  readonly streams: OpenStreams;
  readonly asks: Asks;
  readonly isDraining: () => boolean;
}

/** Where answers to HTTP requests leave, by the settings of the moment. */
export const outletsOf = (options: OutletsOptions): HttpOutlets => {
  const { settings, serverInfo, heartbeat, streams, asks, isDraining } = options;
  return {
    one(response, message, { revision, sessionId }, accepts) {
      if (isDraining()) response.setHeader('connection', 'close');
      const { heartbeatMs, slowClientTimeoutMs } = settings.current.http;
      return toHttp(response, {
        message,
        revision,
        accepts,
        serverInfo,
        heartbeat,
        heartbeatMs,
        slowClientTimeoutMs,
        streams,
        sessionId,
        ...(sessionId === undefined ? undefined : { asking: askingIn(asks, sessionId) }),
      });
    },
    batch: (response, messages, revision) => toBatch(response, { messages, revision, serverInfo }),
  };
};
