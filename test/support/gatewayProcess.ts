/**
 * Entry of a gateway in a process of its own. Takes `{ servers, overrides }`, answers `{ port, url, adminUrl }`; then answers each
 * `'measure'` with {@link Measured}, takes `{ configure: servers }` and ends at `'close'`.
 */
import { queryObjects } from 'node:v8';
import { Subscriber } from 'rxjs';
import { startGateway, type RunningGateway } from './startGateway.js';
import type { GatewayOverrides } from './gatewayOverrides.js';
import type { Measured } from './startGatewayProcess.js';

const measure = (): Measured => {
  // Collects the garbage first.
  const subscribers = queryObjects(Subscriber, { format: 'count' });
  const { rss, heapUsed } = process.memoryUsage();
  const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  return { rss, heapUsed, sockets, subscribers };
};

let gateway: RunningGateway | undefined;

const start = async ({
  servers,
  overrides,
}: {
  servers: string;
  overrides: GatewayOverrides;
}): Promise<void> => {
  gateway = await startGateway(servers, overrides);
  process.send?.({ port: gateway.port, url: gateway.url, adminUrl: gateway.adminUrl });
};

type Order =
  'measure' | 'close' | { servers: string; overrides: GatewayOverrides } | { readonly configure: string };

process.on('message', (order: Order) => {
  if (order === 'measure') process.send?.(measure());
  else if (order === 'close') void gateway?.close().then(() => process.disconnect());
  else if ('configure' in order) gateway?.configure(order.configure);
  else start(order).catch((error: unknown) => process.send?.({ error: String(error) }));
});
process.once('disconnect', () => process.exit());
