import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually } from '../support/eventually.js';
import { within } from '../support/within.js';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

describe('cli/start', function () {
  this.timeout(30_000);

  let cwd: string;
  let child: ChildProcess | undefined;
  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'sluice-start-'));
  });
  afterEach(() => child?.kill('SIGKILL'));
  after(() => rm(cwd, { recursive: true, force: true }));

  const file = (yaml: string) => writeFile(join(cwd, 'gateway.yaml'), yaml);
  const good = (more = '') =>
    `listen: { port: 0 }\nadmin: { port: 0 }\nservers:\n  a: { type: rest, url: http://127.0.0.1:1, tools: { x: { path: / } } }\n${more}`;

  /** A server for those who have said who they are, where nobody is asked. */
  const closed = '  b: { url: http://127.0.0.1:1/mcp, auth_required: true }\n';

  const launch = (...flags: string[]) => {
    const args = ['--import', 'tsx', main, 'start', '-c', join(cwd, 'gateway.yaml'), ...flags];
    const launched = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child = launched;
    return launched;
  };

  const refusals: [string, string, string[], RegExp][] = [
    ['a file with mistakes', 'servers: 7\n', [], /gateway\.yaml:1:\d+: [\s\S]*1 problem in /],
    [
      'a file that asks for protection which is not there',
      good(closed),
      [],
      /gateway\.yaml:5:\d+: servers\.b\.auth_required: [\s\S]*--allow-inactive/,
    ],
    ['an address that others can reach', good(), ['--host', '0.0.0.0'], /0\.0\.0\.0[\s\S]*no authentication/],
  ];
  for (const [name, yaml, flags, expected] of refusals)
    it(`refuses ${name}, before anything listens`, async () => {
      await file(yaml);
      const running = launch(...flags);
      const [out, err] = await Promise.all([
        text(running.stdout),
        text(running.stderr),
        once(running, 'exit'),
      ]);
      assert.equal(running.exitCode, 1);
      assert.match(err, expected);
      assert.doesNotMatch(err, /\n\s+at /);
      assert.equal(out, '');
    });

  /** A gateway in a process of its own, when it is ready; its log lines and its endpoint. */
  const start = async (
    ...flags: string[]
  ): Promise<{ running: ChildProcess; log: Interface; url: string; healthUrl: string }> => {
    const running = launch(...flags);
    const log = createInterface({ input: running.stdout });
    let printed = '';
    for await (const chunk of running.stderr.setEncoding('utf8') as AsyncIterable<string>) {
      printed += chunk;
      const [, url, healthUrl] = /MCP endpoint\s+(\S+)\s+Health\s+(\S+)/.exec(printed) ?? [];
      if (url !== undefined && healthUrl !== undefined) return { running, log, url, healthUrl };
    }
    throw new Error(`it ended:\n${printed}`);
  };

  /** The log line of an event. */
  const event = async (log: Interface, name: string): Promise<Record<string, unknown>> => {
    for await (const line of log) {
      const fields = JSON.parse(line) as Record<string, unknown>;
      if (fields['event'] === name) return fields;
    }
    throw new Error(`the log ended without ${name}`);
  };

  it('goes on as before when an edit asks for protection that is not there', async () => {
    await file(good());
    const { running, log, url } = await start();
    const refused = within(10_000, 'config_refused', event(log, 'config_refused'));
    await file(good(closed));
    assert.equal((await refused)['level'], 'error');
    assert.equal((await fetch(url, { method: 'PUT' })).status, 405);
    running.kill('SIGTERM');
    assert.deepEqual(await once(running, 'exit'), [0, null]);
  });

  it('starts with it when told that something else protects the gateway', async () => {
    await file(good(closed));
    const { running } = await start('--allow-inactive');
    running.kill('SIGINT');
    assert.deepEqual(await once(running, 'exit'), [0, null]);
  });

  it('says once that what clients hold ends with the process, unless there are keys, which it never shows', async () => {
    const key = 'c0ffee'.repeat(12);
    for (const [more, expected] of [
      ['', 1],
      [`state: { keys: ["${key}"] }\n`, 0],
    ] as const) {
      await file(good(more));
      const { running, log } = await start('--log-level', 'debug');
      const lines: string[] = [];
      log.on('line', (line) => lines.push(line));
      running.kill('SIGTERM');
      await once(log, 'close');
      assert.equal(lines.filter((line) => line.includes('state_keys_missing')).length, expected);
      assert.ok(!lines.join().includes(key));
    }
  });

  it('tells loudly of a file of keys that is not there', async () => {
    await file(good('auth: { api_keys: { file: ./none.yaml } }\n'));
    const { running, log } = await start();
    const { level, path, msg } = await event(log, 'config_note');
    assert.deepEqual([level, path], ['warn', 'auth.api_keys.file']);
    assert.match(String(msg), /the file does not exist: nobody has a key/);
    running.kill('SIGTERM');
    await once(running, 'exit');
  });

  it('exits at once with 130 on the second signal', async () => {
    const backend = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(backend, 'listening');
    const { port } = backend.address() as AddressInfo;
    await file(
      good(
        `  hung: { type: rest, url: 'http://127.0.0.1:${port}', tools: { wait: { path: / } } }\ndrain_timeout: 20s\n`,
      ),
    );
    const { running, log, url, healthUrl } = await start();
    const called = once(backend, 'request');
    const call = fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': 'hung_wait',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: {
          name: 'hung_wait',
          arguments: {},
          _meta: {
            'io.modelcontextprotocol/protocolVersion': '2026-07-28',
            'io.modelcontextprotocol/clientCapabilities': {},
          },
        },
      }),
    }).catch(() => undefined); // its end is the gateway's
    await within(5000, 'the call at the backend', called);
    running.kill('SIGTERM');
    await event(log, 'stopping');
    // The same Ctrl-C may come twice within half a second.
    running.kill('SIGTERM');
    await (await fetch(healthUrl)).text();
    assert.equal(running.exitCode, null);
    const exited = once(running, 'exit');
    await eventually(5000, 'that a signal ends it', () => !running.kill('SIGTERM'));
    assert.deepEqual(await exited, [130, null]);
    await call;
    backend.closeAllConnections();
    backend.close();
  });
});
