import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { driveScenario, type DriveOptions } from './driveScenario.js';
import { order } from './order.js';
import { driveOf } from './scenarios.js';

export interface DriverServer {
  /** Where `command.mjs` posts its orders. */
  readonly url: string;
  /** Why the drive of a scenario has failed, of those that have. */
  readonly failures: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

/** Waits for the orders of `command.mjs` and carries each out: 204 when that went well, 500 and why when not. */
export const driverServer = async (options: DriveOptions): Promise<DriverServer> => {
  const failures = new Map<string, string>();
  const server = createServer((request, response) => {
    const serve = async () => {
      const { scenario, ...rest } = order(await text(request));
      const run = driveOf(scenario);
      try {
        if (run === undefined) throw new Error(`nobody has said how to drive ${scenario}`);
        await driveScenario({ scenario, ...rest }, run, options);
        response.writeHead(204).end();
      } catch (error) {
        const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
        failures.set(scenario, why);
        response.writeHead(500).end(why);
      }
    };
    serve().catch((error: unknown) => response.writeHead(400).end(String(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    failures,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
