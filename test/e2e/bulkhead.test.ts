import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { startService, type Service } from '../backends/rest/startService.js';
import { ask } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { responseOf } from '../support/messagesOf.js';
import { modernCall, modernRequest } from '../support/modern.js';
import { openRaw, type RawConnection } from '../support/openRaw.js';
import { requestBytes } from '../support/requestBytes.js';
import { samples } from '../support/samples.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';

describe('a server that takes only so many calls at a time', function () {
  this.timeout(15_000);
  const hanging: ServerResponse[] = [];
  const arrivals = new EventEmitter();
  let service: Service;
  let gateway: RunningGateway;
  let connections: RawConnection[] = [];

  before(async () => {
    service = await startService((_request, response) => {
      hanging.push(response);
      arrivals.emit('hangs');
    });
    const server = (name: string, concurrency: string): string =>
      `  ${name}: { type: rest, url: "${service.url}", tools: { hang: { path: / } }, concurrency: ${concurrency} }`;
    gateway = await startGateway(
      [server('slow', '{ max: 2, queue: 1, wait: 10s }'), server('hasty', '{ max: 1, wait: 50ms }')].join(
        '\n',
      ),
    );
  });
  afterEach(async () => {
    for (const connection of connections) connection.destroy();
    connections = [];
    for (const response of hanging.splice(0)) response.destroy();
    await crowdIs('slow', 0, 0);
    await crowdIs('hasty', 0, 0);
  });
  after(async () => {
    await gateway.close();
    await service.close();
  });

  const call = (server: string) => modernRequest('tools/call', { name: `${server}_hang`, arguments: {} });
  const send = async (server: string): Promise<RawConnection> => {
    const connection = await openRaw(gateway.port);
    connections.push(connection);
    connection.write(requestBytes(gateway.port, call(server)));
    return connection;
  };
  /** The same, once the service has the call. */
  const hang = async (server: string): Promise<RawConnection> => {
    const arrived = once(arrivals, 'hangs');
    const connection = await send(server);
    await arrived;
    return connection;
  };
  const scrape = async () => samples(await (await fetch(new URL('/metrics', gateway.adminUrl))).text());
  const crowdIs = (server: string, inFlight: number, queued: number): Promise<void> =>
    eventually(3000, `${inFlight} in flight and ${queued} queued`, async () => {
      const seen = await scrape();
      const of = (name: string) => seen.get(`mcp_server_${name}{server="${server}"}`);
      return of('concurrent_calls') === inFlight && of('queued_calls') === queued;
    });

  it('lets one wait, refuses the next with 503, and lets the waiting one in when a place is free', async () => {
    await hang('slow');
    await hang('slow');
    await send('slow');
    await crowdIs('slow', 2, 1);
    const refused = await ask(gateway.port, call('slow'));
    const { error } = responseOf(refused);
    assert.deepEqual(
      [refused.status, refused.headers['retry-after'], error?.code, error?.data],
      [503, '1', 4029, { limit: 'concurrency.queue', max: 1 }],
    );
    const arrived = once(arrivals, 'hangs');
    hanging[0]?.end('done');
    await arrived;
    await crowdIs('slow', 2, 0);
    assert.equal((await scrape()).get('mcp_server_refused_calls_total{server="slow",limit="queue"}'), 1);
  });

  it('forgets a client that leaves while it waits', async () => {
    await hang('slow');
    await hang('slow');
    const waiting = await send('slow');
    await crowdIs('slow', 2, 1);
    waiting.destroy();
    await crowdIs('slow', 2, 0);
    const seen = hanging.length;
    hanging[0]?.end('done');
    await crowdIs('slow', 1, 0);
    assert.equal(hanging.length, seen, 'it was not sent');
  });

  it('takes the next one when a client leaves its call', async () => {
    const [first] = [await hang('slow'), await hang('slow')];
    await send('slow');
    await crowdIs('slow', 2, 1);
    const arrived = once(arrivals, 'hangs');
    first.destroy();
    await arrived;
  });

  it('refuses who has waited for too long; others go on', async () => {
    await hang('hasty');
    const { error } = await modernCall(gateway.port, 'hasty_hang');
    assert.deepEqual(error?.data, { limit: 'concurrency.wait', max: 50 });
    assert.equal((await scrape()).get('mcp_server_refused_calls_total{server="hasty",limit="wait"}'), 1);
    hanging[0]?.end('done');
    await crowdIs('hasty', 0, 0);
  });
});
