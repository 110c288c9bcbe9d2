import { Client, StreamableHTTPClientTransport, type ClientCapabilities } from '@modelcontextprotocol/client';
import { loadSettings } from '../../../src/config/load.js';
import { createGateway } from '../../../src/gateway.js';
import { memoryGrants } from '../../../src/stores/memoryGrants.js';
import { constant } from '../../../src/streams/latest.js';
import type { Log } from '../../../src/streams/log.js';
import { revisions, type Revision } from '../requirements.js';
import { agreeing } from './agreeing.js';
import type { Order } from './order.js';
import { upstreamSettings } from './upstreamSettings.js';

/** What a scenario's drive gets to work with. */
export interface Drive extends Order {
  /** The endpoint to use: the gateway's, with the suite's server as its only one, names unprefixed. */
  readonly endpoint: string;
  /** An official client, connected; closed when the scenario is over. */
  connect(capabilities?: ClientCapabilities, prepare?: (client: Client) => void): Promise<Client>;
}

export interface DriveOptions {
  /** Without the gateway: drives the suite's server itself, to check the drives. */
  readonly direct: boolean;
  /** The revision of the clients that drive. */
  readonly drivenIn: Revision;
  readonly log: Log;
}

const startGateway = async (order: Order, log: Log) => {
  const text = JSON.stringify({
    listen: { host: '127.0.0.1', port: 0, path: '/mcp' },
    admin: { host: '127.0.0.1', port: 0 },
    servers: { suite: { type: 'mcp', url: order.url, prefix: '', ...upstreamSettings(order) } },
  });
  const settings = loadSettings(text, { file: 'scenario.json', env: {}, baseDir: process.cwd() });
  const gateway = createGateway(constant(settings), {
    log,
    version: '0.0.0-test',
    authorizing: { grants: memoryGrants(), consent: agreeing },
  });
  const { url } = await gateway.listen();
  await gateway.ready();
  return { url, close: () => gateway.close() };
};

/**
 * Starts a gateway in front of the suite's server, does what a scenario wants as a client of that gateway, and ends both.
 *
 * @param run what to do; rejects when the gateway does not behave
 */
export const driveScenario = async (
  order: Order,
  run: (drive: Drive) => Promise<void>,
  { direct, drivenIn, log }: DriveOptions,
): Promise<void> => {
  const gateway = direct ? undefined : await startGateway(order, log);
  const clients: Client[] = [];
  const endpoint = gateway?.url ?? order.url;
  const mode = drivenIn === revisions.modern ? { pin: revisions.modern } : ('legacy' as const);
  try {
    await run({
      ...order,
      endpoint,
      async connect(capabilities = {}, prepare) {
        const client = new Client(
          { name: 'sluice-conformance', version: '1.0.0' },
          { capabilities, versionNegotiation: { mode } },
        );
        prepare?.(client);
        clients.push(client);
        await client.connect(new StreamableHTTPClientTransport(new URL(endpoint)));
        return client;
      },
    });
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    await gateway?.close();
  }
};
