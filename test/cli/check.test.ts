import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/cli/run.js';
import { fakeTerminal } from './fakeTerminal.js';

describe('cli/check', () => {
  let cwd: string;
  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'sluice-check-'));
  });
  after(() => rm(cwd, { recursive: true, force: true }));

  const check = async (yaml: string, ...flags: string[]) => {
    await writeFile(join(cwd, 'gateway.yaml'), yaml);
    const terminal = fakeTerminal({ cwd });
    return { code: await run(['check', ...flags], terminal), terminal };
  };

  it('summarizes a good file: servers, namespaces, what is not active yet and where', async () => {
    const { code, terminal } = await check(
      [
        'servers:',
        '  search: { url: http://127.0.0.1:9102/mcp, auth_required: true }',
        '  files: { type: stdio, command: node, args: [server.js] }',
        'namespaces:',
        '  support: { servers: [search] }',
      ].join('\n'),
    );
    assert.equal(code, 0, terminal.err);
    assert.match(terminal.out, /^ok gateway\.yaml/);
    assert.match(
      terminal.out,
      /Servers \(2\)\n {2}search {2}mcp {4}http:\/\/127\.0\.0\.1:9102\/mcp\n {2}files {3}stdio/,
    );
    assert.match(terminal.out, /Namespaces \(1\)\n {2}\/mcp\/support {2}search/);
    assert.match(terminal.out, /gateway\.yaml:2:\d+: servers\.search\.auth_required/);
    assert.match(terminal.out, /--allow-inactive/);
  });

  it('shows no secret of an address or a command', async () => {
    const { terminal } = await check(
      [
        'servers:',
        '  a: { url: "http://h/mcp?api_key=hidden1" }',
        '  b: { type: stdio, command: node, args: [b.js, --token, hidden2] }',
        '  c: { type: stdio, command: c, args: [--token=hidden3] }',
      ].join('\n'),
    );
    assert.match(terminal.out, /http:\/\/h\/mcp\?…\n.*node b\.js …\n.* c …\n/);
    assert.doesNotMatch(terminal.out, /hidden/);
  });

  it('says what is allowed and may surprise', async () => {
    const { code, terminal } = await check(
      'servers: { a: { url: http://h } }\nauth: { api_keys: { file: ./none.yaml } }\n',
    );
    assert.equal(code, 0, terminal.err);
    assert.match(
      terminal.out,
      /To be looked at \(1\)\n {2}gateway\.yaml:2:27: auth\.api_keys\.file: the file does not exist/,
    );
  });

  it('says everything that is wrong at once, with place and remedy, and ends with 1', async () => {
    const { code, terminal } = await check(
      'servers:\n  a: { urll: http://127.0.0.1:1 }\nlistne: { port: x }\n',
    );
    assert.equal(code, 1);
    assert.equal(terminal.out, '');
    assert.match(terminal.err, /gateway\.yaml:2:\d+: /);
    assert.match(terminal.err, /gateway\.yaml:3:1: /);
    assert.match(terminal.err, /\d problems in gateway\.yaml/);
  });

  it('gives the same as one JSON object', async () => {
    const bad = await check('servers: 7\n', '--json');
    assert.equal(bad.code, 1);
    assert.equal(bad.terminal.err, '');
    const { valid, diagnostics } = JSON.parse(bad.terminal.out) as {
      valid: boolean;
      diagnostics: Record<string, unknown>[];
    };
    assert.equal(valid, false);
    assert.deepEqual(Object.keys(diagnostics[0] ?? {}).sort(), [
      'column',
      'file',
      'line',
      'message',
      'path',
      'remedy',
    ]);
    const good = await check('servers:\n  a: { url: http://127.0.0.1:1 }\n', '--json');
    assert.equal(good.code, 0);
    assert.deepEqual(JSON.parse(good.terminal.out), {
      valid: true,
      servers: [{ name: 'a', type: 'mcp' }],
      namespaces: [],
      inactive: [],
      notes: [],
    });
  });

  it('says that there is no such file, and what the smallest one is', async () => {
    const terminal = fakeTerminal({ cwd });
    assert.equal(await run(['check', '-c', 'none.yaml'], terminal), 1);
    assert.match(terminal.err, /There is no configuration file none\.yaml/);
    assert.match(terminal.err, /servers:/);
  });
});
