import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { map } from 'rxjs';
import { Heartbeat } from '../../../src/sinks/heartbeat.js';
import { toBatch } from '../../../src/sinks/toBatch.js';
import { toHttp } from '../../../src/sinks/toHttp.js';
import { fromHttp, type FromHttpOptions } from '../../../src/sources/http/fromHttp.js';
import type { Exchange, Pipeline } from '../../../src/streams/exchange.js';
import { ByteBudget } from '../../../src/streams/byteBudget.js';
import { constant } from '../../../src/streams/latest.js';
import { LiveCalls } from '../../../src/streams/liveCalls.js';
import { accepted, result } from '../../../src/streams/reply.js';
import { serveEach } from '../../../src/streams/serveEach.js';

/** A listener with no gateway behind it: every request is answered with what arrived. */
export interface HttpListener {
  readonly port: number;
  /** Every exchange that arrived, the oldest first. */
  readonly arrived: readonly Exchange[];
  close(): Promise<void>;
}

const echo: Pipeline = map(({ message, origin }: Exchange) =>
  message.id === undefined
    ? accepted
    : result({
        method: message.method,
        version: origin.revision.version,
        namespace: origin.namespace ?? null,
      }),
);

/** Starts it on a free port, with small bounds. */
export const startHttp = async (
  options: Partial<FromHttpOptions> = {},
  pipeline: Pipeline = echo,
): Promise<HttpListener> => {
  const server = createServer();
  const heartbeat = new Heartbeat(1000);
  const serverInfo = { name: 'sluice', version: '1' };
  const arrived: Exchange[] = [];
  const all: FromHttpOptions = {
    path: '/mcp',
    hasNamespace: (name) => name === 'team',
    maxBatch: 3,
    maxBodyBytes: 10_000,
    maxDepth: 16,
    bodies: new ByteBudget(() => 1_000_000),
    allowedHosts: [],
    allowedOrigins: [],
    ...options,
  };
  const exchanges = fromHttp(server, constant(all), {
    one: (response, message, { revision }, accepts) =>
      toHttp(response, {
        message,
        revision,
        accepts,
        serverInfo,
        heartbeat,
        heartbeatMs: 60_000,
        slowClientTimeoutMs: 60_000,
      }),
    batch: (response, messages, revision) => toBatch(response, { messages, revision, serverInfo }),
  });
  const serving = serveEach(exchanges, constant(pipeline), {
    calls: new LiveCalls(),
    ended: (exchange) => arrived.push(exchange),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    arrived,
    async close() {
      serving.unsubscribe();
      heartbeat.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
