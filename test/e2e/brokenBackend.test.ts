/** A server that can not be connected as it is configured: nothing but that server is down. */
import assert from 'node:assert/strict';
import { BehaviorSubject } from 'rxjs';
import { loadSettings } from '../../src/config/load.js';
import { createGateway } from '../../src/gateway.js';
import { latest } from '../../src/streams/latest.js';
import { silent } from '../../src/streams/log.js';
import { startService, type Service } from '../backends/rest/startService.js';
import { eventually } from '../support/eventually.js';
import { modernCall } from '../support/modern.js';

const secret = 's3cret-0123456789';

describe('e2e: a server that can not be connected', () => {
  let service: Service;
  let gateway: ReturnType<typeof createGateway>;
  let port: number;
  let adminUrl: string;
  const logged: string[] = [];
  before(async () => {
    service = await startService();
    const { servers, ...rest } = loadSettings(
      `listen: { port: 0 }\nadmin: { port: 0 }\nservers:
  well: { type: rest, url: "${service.url}", tools: { get: { path: / } } }
  broken: { type: rest, url: "http://ann.example", tools: { get: { path: / } } }`,
      { file: 'test.yaml', env: {}, baseDir: process.cwd() },
    );
    // As a program that embeds the gateway might write it: the file is checked before it comes so far.
    const written = servers.map((server) =>
      server.name === 'broken' ? { ...server, urls: [`http://ann:${secret}@ann.example`] } : server,
    );
    const settings = new BehaviorSubject({ ...rest, servers: written });
    const write = (fields: unknown, message: string): void =>
      void logged.push(`${message} ${JSON.stringify(fields)}`);
    const log = { ...silent, warn: write, error: write };
    gateway = createGateway(latest(settings, settings.value), { log, version: '0.0.0-test' });
    const listening = await gateway.listen();
    port = Number(new URL(listening.url).port);
    adminUrl = listening.adminUrl;
  });
  after(async () => {
    await gateway.close();
    await service.close();
  });

  it('leaves the others as they are, and says that it is down, and why in the log', async () => {
    await eventually(10_000, 'that the other serves', async () => {
      const { result } = await modernCall(port, 'well_get', {});
      return result !== undefined;
    });
    const health = await (await fetch(new URL('healthz', adminUrl))).text();
    const { servers } = JSON.parse(health) as {
      servers: { name: string; status: string; reason?: string }[];
    };
    const { status, reason } = servers.find(({ name }) => name === 'broken') ?? {};
    assert.deepEqual([status, reason], ['down', 'The backend can not be used as it is configured']);
    const told = logged.filter((line) => line.includes('"event":"instance_unusable"'));
    assert.equal(told.length, 1, logged.join('\n'));
    assert.match(told[0] ?? '', /holds no credentials; put them into its headers/);
    for (const text of [health, ...logged]) assert.ok(!text.includes(secret), text);
  });
});
