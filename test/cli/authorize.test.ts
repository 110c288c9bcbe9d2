import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/cli/run.js';
import { loadSettings } from '../../src/config/load.js';
import { createGateway } from '../../src/gateway.js';
import { constant } from '../../src/streams/latest.js';
import { silent } from '../../src/streams/log.js';
import { eventually } from '../support/eventually.js';
import { within } from '../support/within.js';
import { closeAll, protectedBackend, type ProtectedBackend } from '../sources/oauth/protectedBackend.js';
import { fakeTerminal, type FakeTerminal } from './fakeTerminal.js';

describe('cli/authorize', () => {
  let cwd: string;
  let test: ProtectedBackend;
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'sluice-authorize-'));
    test = await protectedBackend({ guard: { scopesFor: () => ['read'] } });
    await configure('{}');
  });
  afterEach(async () => {
    await closeAll();
    await rm(cwd, { recursive: true, force: true });
  });

  const configure = (oauth: string) =>
    writeFile(
      join(cwd, 'gateway.yaml'),
      [
        'listen: { port: 0 }',
        'admin: { port: 0 }',
        'oauth: { state: ./tokens.json }',
        'servers:',
        `  crm: { url: "${test.guard.url}", oauth: ${oauth} }`,
        '  other: { url: "http://127.0.0.1:9/mcp" }',
      ].join('\n'),
    );

  /** The URL that the person is shown. */
  const shown = async (terminal: FakeTerminal): Promise<string> => {
    const find = () => /^ {2}(http\S+)$/m.exec(terminal.err)?.[1];
    const look = async (): Promise<string> => {
      for (;;) {
        const found = find();
        if (found !== undefined) return found;
        await once(terminal.stderr, 'data');
      }
    };
    return within(5000, 'a URL', look());
  };

  it('shows a URL, waits for the browser, stores the token and proves it; the gateway uses it', async () => {
    const settings = loadSettings(await readFile(join(cwd, 'gateway.yaml'), 'utf8'), {
      file: 'gateway.yaml',
      env: {},
      baseDir: cwd,
    });
    const gateway = createGateway(constant(settings), { log: silent, version: '0' });
    try {
      await gateway.ready();
      const health = () => gateway.health().servers.find(({ name }) => name === 'crm');
      assert.equal(health()?.status, 'down');
      assert.equal(health()?.reason, 'The server "crm" has to be authorized: run `sluice authorize crm`');

      const terminal = fakeTerminal({ cwd });
      const done = run(['authorize', 'crm'], terminal);
      const url = await shown(terminal);
      const page = await fetch(url);
      assert.equal(page.status, 200);
      assert.match(await page.text(), /go back to the terminal/);
      assert.equal(await within(10_000, 'the end', done), 0, terminal.err);
      assert.match(terminal.err, /ok crm: authorized, 5 tools/);
      assert.equal(terminal.out, '');
      assert.equal(test.as.authorizations[0]?.get('scope'), 'read', 'as the challenge wants it');
      for (const secret of test.as.secrets) assert.ok(!terminal.err.includes(secret));

      await eventually(15_000, 'that the gateway finds the token', () => health()?.status === 'healthy');
      assert.equal(health()?.tools, 5);
      assert.equal(test.as.authorizations.length, 1);
    } finally {
      await gateway.close();
    }
  });

  it('takes no answer to another question', async () => {
    const terminal = fakeTerminal({ cwd });
    const done = run(['authorize', 'crm'], terminal);
    const url = new URL(await shown(terminal));
    const callback = url.searchParams.get('redirect_uri') ?? '';
    assert.equal((await fetch(`${callback}?code=stolen&state=guessed`)).status, 400);
    assert.equal((await fetch(new URL('/favicon.ico', callback))).status, 404);
    assert.equal((await fetch(callback, { method: 'POST' })).status, 404);
    for (const target of ['//', '//evil.example/callback', 'http://[', '*'])
      assert.equal(await statusOf(Number(new URL(callback).port), target), 404, target);
    assert.equal((await fetch(url)).status, 200);
    assert.equal(await within(10_000, 'the end', done), 0, terminal.err);
  });

  it('waits where the configuration says', async () => {
    const { port } = await freePort();
    await configure(`{ redirect_uri: "http://127.0.0.1:${port}/back" }`);
    const terminal = fakeTerminal({ cwd });
    const done = run(['authorize', 'crm'], terminal);
    const url = new URL(await shown(terminal));
    assert.equal(url.searchParams.get('redirect_uri'), `http://127.0.0.1:${port}/back`);
    await fetch(url);
    assert.equal(await within(10_000, 'the end', done), 0, terminal.err);
  });

  it('explains a refusal', async () => {
    const terminal = fakeTerminal({ cwd });
    const done = run(['authorize', 'crm'], terminal);
    const url = new URL(await shown(terminal));
    const { redirect_uri: callback = '', state = '' } = Object.fromEntries(url.searchParams);
    const answer = new URLSearchParams({ error: 'access_denied', state, iss: test.as.issuer });
    await fetch(`${callback}?${answer.toString()}`);
    assert.equal(await within(10_000, 'the end', done), 1);
    assert.match(terminal.err, /error: The authorization was refused \(access_denied\)/);
  });

  it('ends with Ctrl-C, and leaves no port behind', async () => {
    const terminal = fakeTerminal({ cwd });
    const done = run(['authorize', 'crm'], terminal);
    const callback = new URL(await shown(terminal)).searchParams.get('redirect_uri') ?? '';
    terminal.interrupt();
    assert.equal(await within(5000, 'the end', done), 130);
    await assert.rejects(fetch(callback));
  });

  for (const [what, name, message] of [
    ['an unknown server', 'crn', /no server "crn"\n.*Did you mean crm\?/],
    ['a server without oauth', 'other', /The server "other" has no `oauth`/],
  ] as const)
    it(`explains ${what}`, async () => {
      const terminal = fakeTerminal({ cwd });
      assert.equal(await run(['authorize', name], terminal), 2);
      assert.match(terminal.err, message);
    });
});

/** The answer to a request whose target no client would write. */
const statusOf = async (port: number, path: string): Promise<number | undefined> => {
  const sent = request({ port, host: '127.0.0.1', path });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
};

const freePort = async (): Promise<{ port: number }> => {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return { port };
};
