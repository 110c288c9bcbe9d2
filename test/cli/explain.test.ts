import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/cli/run.js';
import type { Explanation } from '../../src/protocol/explain/explanation.js';
import { adminKey, startConsole } from '../support/startConsole.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { fakeTerminal } from './fakeTerminal.js';

describe('cli/explain', function () {
  this.timeout(30_000);
  let cwd: string;
  let backend: McpBackend;
  before(async () => {
    backend = await startMcpBackend();
  });
  after(() => backend.close());
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'sluice-explain-'));
    await writeFile(
      join(cwd, 'gateway.yaml'),
      [
        'servers:',
        '  search:',
        `    url: http://127.0.0.1:${backend.port}/mcp`,
        'audit:',
        '  file: audit.ndjson',
        'policies:',
        '  - tools: { allowed: ["*"] }',
        '  - roles: [intern]',
        '    tools:',
        '      denied: [search_echo]',
      ].join('\n'),
    );
  });
  afterEach(() => rm(cwd, { recursive: true, force: true }));

  const explain = async (...args: readonly string[]) => {
    const terminal = fakeTerminal({ cwd });
    const code = await run(['explain', ...args], terminal);
    return { code, out: terminal.out, err: terminal.err };
  };

  it('says what each operator would do, with the line that says so', async () => {
    const { code, out } = await explain('--tool', 'search_echo', '--as', 'ann');
    assert.equal(code, 0, out);
    assert.match(out, /^search_echo for ann: would be made$/m);
    assert.match(
      out,
      /^ {2}ok resolveTool .*The access policy 1 allows it {2}gateway\.yaml:7 \(\/policies\/0\)$/m,
    );
    assert.match(out, /^ {2}ok invoke .*it is not, this is an explanation/m);
    assert.equal(backend.calls, 0);
  });

  it('says who refuses, and ends with 1', async () => {
    const { code, out, err } = await explain('--tool', 'search_echo', '--as', 'ann', '--role', 'intern');
    assert.equal(code, 1);
    assert.match(out, /would be refused$/m);
    assert.match(
      out,
      /^ {2}NO resolveTool .*The access policy 2 denies it {2}gateway\.yaml:8 \(\/policies\/1\)$/m,
    );
    assert.match(out, /^ {2}\.\. invoke +not reached$/m);
    assert.match(err, /ERR_HIDDEN/);
  });

  it('gives JSON', async () => {
    const { code, out } = await explain('--tool', 'search_echo', '--json', '--arguments', '{"text":"x"}');
    const { allowed, steps } = JSON.parse(out) as Explanation;
    assert.deepEqual([code, allowed], [0, true]);
    const found = steps.find(({ operator }) => operator === 'resolveTool');
    assert.deepEqual(found?.configuration, { pointer: '/policies/0', file: 'gateway.yaml', line: 7 });
  });

  it('needs something to explain, claims that can be read, and one thing only', async () => {
    for (const args of [[], ['--tool', 'x', '--claim', 'y'], ['--tool', 'x', '--prompt', 'y']])
      assert.equal((await explain(...args)).code, 2, args.join(' '));
  });

  it('asks a running gateway, by its admin API', async () => {
    const console_ = await startConsole(
      `servers:\n  search: { url: 'http://127.0.0.1:${backend.port}/mcp' }`,
    );
    try {
      const at = ['--tool', 'search_echo', '--url', console_.adminUrl];
      const { code, out } = await explain(...at, '--key', adminKey);
      assert.equal(code, 0, out);
      assert.match(out, /ok limitRate/);
      const stranger = await explain(...at, '--key', 'wrong');
      assert.equal(stranger.code, 1);
      assert.match(stranger.err, /SLUICE_ADMIN_KEY/);
    } finally {
      await console_.close();
    }
  });
});
