import type { Settings } from '../config/settings.js';

/** Settings that hold from the start of the process to its end. */
const fixed: Readonly<Record<string, (settings: Settings) => unknown>> = {
  listen: ({ listen: { tls, publicOrigin: _live, ...address } }) => [address, tls !== undefined],
  // Whether certificates are asked for at all is settled with the handshake.
  'auth.mtls': ({ auth }) => [auth?.mtls?.mode, auth?.mtls !== undefined],
  admin: ({ admin: { host, port } }) => [host, port],
  workers: ({ workers }) => workers,
  'http.request_timeout': ({ http }) => http.requestTimeoutMs,
  'http.max_connections': ({ http }) => http.maxConnections,
  'cache.store': ({ cache }) => (cache?.store === 'shared' ? [cache.maxBytes] : []),
  sessions: ({ sessions }) => sessions,
  tasks: ({ tasks: { max, maxRunning, pollMs } }) => [max, maxRunning, pollMs],
  buffers: ({ buffers: { bodiesBytes: _live, webSocketBytes: _next, ...fixedBuffers } }) => fixedBuffers,
  log: ({ log }) => log,
  audit: ({ audit }) => audit,
  analytics: ({ analytics }) => analytics,
  'telemetry.traces': ({ telemetry }) => telemetry.traces,
  'telemetry.metrics': ({ telemetry }) => telemetry.metrics,
  record: ({ record }) => record,
};

/** The keys of a changed configuration whose new values wait for a restart. */
export const needRestart = (first: Settings, next: Settings): readonly string[] =>
  Object.entries(fixed)
    .filter(([, of]) => JSON.stringify(of(first)) !== JSON.stringify(of(next)))
    .map(([key]) => key);
