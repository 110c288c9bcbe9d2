import type { Settings } from '../../config/settings.js';

/** The settings of one of several workers: what is a bound for the whole gateway is parted among them, rounded up. */
export const shareOf = (settings: Settings, workers: number): Settings => {
  const part = (whole: number): number => Math.ceil(whole / workers);
  const { http, buffers, tasks, streams, servers } = settings;
  return {
    ...settings,
    http: { ...http, maxConnections: part(http.maxConnections) },
    buffers: {
      ...buffers,
      bodiesBytes: part(buffers.bodiesBytes),
      eventsBytes: part(buffers.eventsBytes),
    },
    tasks: { ...tasks, maxRunning: part(tasks.maxRunning) },
    streams: { ...streams, parked: part(streams.parked) },
    servers: servers.map((server) => {
      const { concurrency } = server;
      if (concurrency === undefined) return server;
      const { max, queue } = concurrency;
      return { ...server, concurrency: { ...concurrency, max: part(max), queue: part(queue) } };
    }),
  };
};
