import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { eventually } from '../../support/eventually.js';
import { opaProgram } from '../../support/services/opaProgram.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { startGateway, type RunningGateway } from '../../support/startGateway.js';
import { within } from '../../support/within.js';

interface Listener {
  readonly heard: () => number;
  /** Resolves when it has been told so many times that its tools have changed. */
  hears(times: number): Promise<void>;
  tools(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const ear = () => {
  let heard = 0;
  const events = new EventEmitter();
  return {
    heard: () => heard,
    hear: () => {
      heard++;
      events.emit('heard');
    },
    hears: (times: number) =>
      within(
        4000,
        `hearing ${times} times`,
        (async () => {
          while (heard < times) await once(events, 'heard');
        })(),
      ),
  };
};

const legacy = async (url: string): Promise<Listener> => {
  const { hear, ...listener } = ear();
  const client = new ClientV1({ name: 'test', version: '1' });
  client.setNotificationHandler(ToolListChangedNotificationSchema, hear);
  await client.connect(new TransportV1(new URL(url)));
  const tools = async () => (await client.listTools()).tools.map(({ name }) => name);
  await tools();
  return { ...listener, tools, close: () => client.close() };
};

const modern = async (url: string): Promise<Listener> => {
  const { hear, ...listener } = ear();
  const mode = { pin: '2026-07-28' } as const;
  const client = new ClientV2({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  client.setNotificationHandler('notifications/tools/list_changed', hear);
  await client.connect(new TransportV2(new URL(url)));
  await client.listen({ toolsListChanged: true });
  const tools = async () => (await client.listTools()).tools.map(({ name }) => name);
  return { ...listener, tools, close: () => client.close() };
};

const policy = (tool: string) => `package sluice\nallow if input.tool.own == "${tool}"\n`;

describe('lists while policies change', function () {
  this.timeout(60_000);
  let folder: string;
  let gateway: RunningGateway | undefined;
  const open: Listener[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-lists-'));
    await mkdir(join(folder, 'rego'));
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.close()));
    await gateway?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const server = (name: string, more = '') =>
    `  ${name}: { type: rest, url: http://127.0.0.1:1, ${more} tools: { get: { path: / }, put: { path: /p } } }`;
  const own = () => `opa: { rego: '${folder}/rego' },`;
  const clients = async (...made: Promise<Listener>[]) => {
    const listeners = await Promise.all(made);
    open.push(...listeners);
    return listeners;
  };

  it('those who could see something else are told so, in either era, when a file in a folder of Rego changes, and nobody else', async function () {
    const program = await serviceFor(this, opaProgram);
    await writeFile(join(folder, 'rego', 'p.rego'), policy('get'));
    const yaml = (others: string) =>
      [
        server('orders', own()),
        server('others', others),
        'namespaces: { apart: { servers: [others] } }',
        `opa: { program: '${program}' }`,
      ].join('\n');
    gateway = await startGateway(yaml(''));
    const [first, second, apart] = await clients(
      legacy(gateway.url),
      modern(gateway.url),
      modern(`${gateway.url}/apart`),
    );
    assert.ok(first !== undefined && second !== undefined && apart !== undefined);
    assert.deepEqual(await first.tools(), ['orders_get', 'others_get', 'others_put']);
    await writeFile(join(folder, 'rego', 'p.rego'), policy('put'));
    await Promise.all([first.hears(1), second.hears(1)]);
    for (const listener of [first, second])
      assert.deepEqual(await listener.tools(), ['orders_put', 'others_get', 'others_put']);
    // What it is told of next is the first that it is told of.
    gateway.configure(yaml('exclude: [get],'));
    await apart.hears(1);
    assert.equal(apart.heard(), 1);
    assert.deepEqual(await apart.tools(), ['put']);
  });

  it('a server without a usable policy is not listed as if it could be called, also where lists show everything', async function () {
    const program = await serviceFor(this, opaProgram);
    gateway = await startGateway(
      [server('orders', own()), server('others'), `opa: { lists: false, program: '${program}' }`].join('\n'),
    );
    const [client] = await clients(modern(gateway.url));
    assert.ok(client !== undefined);
    assert.deepEqual(await client.tools(), ['others_get', 'others_put']);
    await writeFile(join(folder, 'rego', 'p.rego'), policy('put'));
    await client.hears(1);
    await eventually(3000, 'the list', async () => (await client.tools()).length === 4);
  });
});
