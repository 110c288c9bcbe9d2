import type { Settings } from '../../config/settings.js';

/**
 * Changed settings as workers may have them: what holds from the start to the end of the program (see needRestart.ts) is as it was at
 * first, also for a worker that is started later.
 */
export const heldSettings = (first: Settings, next: Settings): Settings => ({
  ...next,
  listen: heldListen(first, next),
  admin: { ...next.admin, host: first.admin.host, port: first.admin.port },
  workers: first.workers,
  sessions: first.sessions,
  log: first.log,
  ...(first.audit === undefined ? undefined : { audit: heldAudit(first.audit, next.audit) }),
  http: {
    ...next.http,
    requestTimeoutMs: first.http.requestTimeoutMs,
    maxConnections: first.http.maxConnections,
  },
  tasks: { ...first.tasks, ttlMs: next.tasks.ttlMs },
  buffers: {
    ...first.buffers,
    bodiesBytes: next.buffers.bodiesBytes,
    webSocketBytes: next.buffers.webSocketBytes,
  },
});

/** Credentials for receivers may be renewed. */
const heldAudit = (
  first: NonNullable<Settings['audit']>,
  next: Settings['audit'],
): NonNullable<Settings['audit']> => {
  const renewed = <R extends NonNullable<typeof first.otlp>>(receiver: R, now: typeof first.otlp): R => ({
    ...receiver,
    headers: now?.headers ?? receiver.headers,
  });
  const { http, otlp } = first;
  return {
    ...first,
    ...(http !== undefined && { http: renewed(http, next?.http) }),
    ...(otlp !== undefined && { otlp: renewed(otlp, next?.otlp) }),
  };
};

/** Certificates may be renewed; that there is one at all is settled with the listener. */
const heldListen = ({ listen: first }: Settings, { listen: next }: Settings): Settings['listen'] => {
  const { host, port, path, tls } = first;
  const { publicOrigin } = next;
  return {
    host,
    port,
    path,
    ...(publicOrigin !== undefined && { publicOrigin }),
    ...(tls !== undefined && { tls: next.tls ?? tls }),
  };
};
