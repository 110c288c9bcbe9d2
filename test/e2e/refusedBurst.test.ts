/** Calls that come all at once, while one of several instances takes no connections: a restart that is not to be noticed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { startService, type Service } from '../backends/rest/startService.js';
import { modernCall } from '../support/modern.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';

/** An address where nobody listens. */
const nobody = async (): Promise<string> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return `http://127.0.0.1:${port}`;
};

describe('e2e: a burst of calls to an instance that takes no connections', () => {
  let services: Service[];
  let gateway: RunningGateway;
  before(async () => {
    services = await Promise.all([startService(), startService()]);
    const urls = [await nobody(), ...services.map(({ url }) => url)];
    gateway = await startGateway(`  s:
    type: rest
    urls: ${JSON.stringify(urls)}
    # As if all had come before the first of them showed that it is away.
    circuit_breaker: { enabled: false }
    health_check: { enabled: false }
    tools: { pay: { method: POST, path: /pay } }`);
  });
  after(async () => {
    await gateway.close();
    await Promise.all(services.map((service) => service.close()));
  });

  it('is done by the others, each call once, though none may be repeated', async () => {
    const calls = 240;
    const answers = await Promise.all(
      Array.from({ length: calls }, () => modernCall(gateway.port, 's_pay', {})),
    );
    const failed = answers.flatMap(({ error }) => error?.message ?? []);
    assert.deepEqual(failed, []);
    assert.equal(services.flatMap(({ seen }) => seen).length, calls);
  });
});
