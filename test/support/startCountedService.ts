import type { Socket } from 'node:net';
import { startService, type Service } from '../backends/rest/startService.js';

/** A REST service that knows how many connections its requests came on. */
export interface CountedService extends Service {
  /** `host:port` of it. */
  readonly host: string;
  readonly connections: number;
}

/** Starts one that answers everything with a status. */
export const startCountedService = async (status = 200): Promise<CountedService> => {
  const sockets = new Set<Socket>();
  const service = await startService(({ socket }, response) => {
    sockets.add(socket);
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  return {
    ...service,
    host: new URL(service.url).host,
    get connections() {
      return sockets.size;
    },
  };
};
