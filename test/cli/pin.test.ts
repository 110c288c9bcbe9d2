import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/cli/run.js';
import { startService, type Service } from '../backends/rest/startService.js';
import { fakeTerminal } from './fakeTerminal.js';

/** A REST server and one that nobody serves: what is offered stands in the configuration. */
const configuration = (url: string, description: string, more = ''): string => `
servers:
  orders:
    type: rest
    url: ${url}
    tools:
      get: { path: '/{id}', description: ${JSON.stringify(description)}, input_schema: { type: object, properties: { id: { type: string } } } }
      list: { path: / }
${more}
integrity: { pins: ./pins.json }
`;

describe('cli/pin', function () {
  this.timeout(15_000);
  let cwd: string;
  let service: Service;
  before(async () => {
    service = await startService();
  });
  after(() => service.close());
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'sluice-pin-'));
  });
  afterEach(() => rm(cwd, { recursive: true, force: true }));

  const pin = async (yaml: string, ...flags: string[]) => {
    await writeFile(join(cwd, 'gateway.yaml'), yaml);
    const terminal = fakeTerminal({ cwd });
    return { code: await run(['pin', ...flags], terminal), terminal };
  };
  const pins = (): Promise<string> => readFile(join(cwd, 'pins.json'), 'utf8');

  it('approves everything where nothing is approved yet, in a file that can be read', async () => {
    const { code, terminal } = await pin(configuration(service.url, 'Gets'));
    assert.equal(code, 0, terminal.err);
    assert.equal(
      terminal.out,
      'approved orders/get\n    + description: "Gets"\napproved orders/list\n    + description: "list"\n',
    );
    const file = JSON.parse(await pins()) as {
      servers: { orders: { tools: Record<string, { digest: string }> } };
    };
    assert.deepEqual(Object.keys(file.servers.orders.tools), ['get', 'list']);
    assert.match(file.servers.orders.tools['get']?.digest ?? '', /^sha256:[0-9a-f]{64}$/);
    assert.deepEqual((await readdir(cwd)).sort(), ['gateway.yaml', 'pins.json']);
  });

  it('shows what has changed, hidden characters too, and approves nothing by itself', async () => {
    await pin(configuration(service.url, 'Gets'));
    const before = await pins();
    const { code, terminal } = await pin(configuration(service.url, 'Gets\u200b it\u001b[31m'));
    assert.equal(code, 1);
    assert.equal(
      terminal.out,
      'changed orders/get\n    - description: "Gets"\n    + description: "Gets\\u{200b} it\\u001b[31m"\n',
    );
    assert.match(terminal.err, /1 definition is not as approved/);
    assert.equal(await pins(), before);
  });

  it('approves a server, one definition, or all', async () => {
    await pin(configuration(service.url, 'Gets'));
    for (const [description, ...flags] of [
      ['two', '--approve', 'orders'],
      ['three', '--approve', 'orders/get'],
      ['four', '--all'],
    ] as const) {
      const { code, terminal } = await pin(configuration(service.url, description), ...flags);
      assert.equal(code, 0, terminal.err);
      assert.match(terminal.out, /^approved orders\/get/);
      assert.equal((await pin(configuration(service.url, description), '--check')).code, 0);
    }
  });

  it('takes out what is gone once that is approved', async () => {
    await pin(configuration(service.url, 'Gets'));
    const without = configuration(service.url, 'Gets').replace(/ {6}list.*\n/, '');
    const gone = await pin(without, '--check');
    assert.deepEqual([gone.code, gone.terminal.out], [1, 'gone orders/list\n    - description: "list"\n']);
    assert.equal((await pin(without, '--approve', 'orders/list')).code, 0);
    assert.doesNotMatch(await pins(), /"list"/);
  });

  it('refuses a name that fits nothing', async () => {
    await pin(configuration(service.url, 'Gets'));
    const { code, terminal } = await pin(configuration(service.url, 'Gets'), '--approve', 'orders/gte');
    assert.equal(code, 1);
    assert.match(terminal.err, /orders\/gte is no server or definition that has changed/);
  });

  it('keeps what was approved of a server that does not answer, and says so', async () => {
    await pin(configuration(service.url, 'Gets'));
    const file = JSON.parse(await pins()) as { servers: Record<string, unknown> };
    await writeFile(
      join(cwd, 'pins.json'),
      JSON.stringify({ version: 1, servers: { ...file.servers, away: file.servers['orders'] } }),
    );
    const yaml = configuration(service.url, 'Gets', '  away: { url: "http://127.0.0.1:9/mcp" }');
    const { code, terminal } = await pin(yaml, '--all');
    assert.equal(code, 1);
    assert.match(terminal.err, /away did not answer: what is approved of it stays as it was/);
    assert.match(await pins(), /"away"/);
  });

  it('writes nothing where the file of pins can not be read', async () => {
    await writeFile(join(cwd, 'pins.json'), '{ "version": 1');
    const { code, terminal } = await pin(configuration(service.url, 'Gets'), '--all');
    assert.equal(code, 1);
    assert.match(terminal.err, /pins\.json is no file of pins/);
    assert.equal(await pins(), '{ "version": 1');
  });

  it('says what to write where the configuration names no file', async () => {
    const { code, terminal } = await pin('servers: { a: { url: http://127.0.0.1:9 } }\n');
    assert.equal(code, 1);
    assert.match(terminal.err, /The configuration names no file of pins/);
    assert.match(terminal.err, /integrity: \{ pins: \.\/pins\.json \}/);
  });
});
