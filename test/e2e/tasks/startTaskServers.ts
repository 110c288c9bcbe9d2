import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  startLegacyTasksServer,
  type LegacyTasksServer,
} from '../../fixtures/tasksServer/startLegacyTasksServer.js';
import { startTasksServer, type TasksServer } from '../../fixtures/tasksServer/startTasksServer.js';
import { working } from '../../fixtures/working.js';
import type { GatewayOverrides } from '../../support/gatewayOverrides.js';
import { startGateway, type RunningGateway } from '../../support/startGateway.js';

/** A REST service with a slow answer and one that never comes. */
export interface SlowRest {
  readonly url: string;
  /** Resolves when the client of the next endless request has left. */
  abandoned(): Promise<void>;
  close(): void;
}

export interface TaskServers {
  readonly modern: TasksServer;
  readonly legacy: LegacyTasksServer;
  readonly rest: SlowRest;
  /** In front of them: `m`, `l` and `r`. */
  readonly gateway: RunningGateway;
  close(): Promise<void>;
}

const startSlowRest = async (): Promise<SlowRest> => {
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    if (request.url === '/endless') response.on('close', () => waiting.shift()?.());
    else
      void working(150).then(() => response.setHeader('content-type', 'application/json').end('{"rows":3}'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    abandoned: () => new Promise((resolve) => waiting.push(resolve)),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
};

/** A gateway in front of a server of each kind that has something to do with tasks. */
export const startTaskServers = async (overrides: GatewayOverrides = {}): Promise<TaskServers> => {
  const [modern, legacy, rest] = await Promise.all([
    startTasksServer(),
    startLegacyTasksServer(),
    startSlowRest(),
  ]);
  const gateway = await startGateway(
    `
  m: { url: "${modern.url}" }
  l: { url: "${legacy.url}", tools: { plain: { task: true } } }
  r:
    type: rest
    url: "${rest.url}"
    tools:
      report: { path: /report, task: true }
      endless: { path: /endless, task: true }`,
    overrides,
  );
  return {
    modern,
    legacy,
    rest,
    gateway,
    async close() {
      await gateway.close();
      rest.close();
      await Promise.all([modern.close(), legacy.close()]);
    },
  };
};
