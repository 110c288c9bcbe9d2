import assert from 'node:assert/strict';
import { once } from 'node:events';
import { run } from '../../src/cli/run.js';
import {
  startEverythingServer,
  type EverythingServer,
} from '../fixtures/everythingServer/startEverythingServer.js';
import { fakeTerminal } from './fakeTerminal.js';

const eras = ['auto', 'legacy', 'modern'] as const;

describe('cli/call and cli/tools', () => {
  let server: EverythingServer;
  before(async () => {
    server = await startEverythingServer();
  });
  after(() => server.close());

  const sluice = async (args: string[], options: Parameters<typeof fakeTerminal>[0] = {}) => {
    const terminal = fakeTerminal(options);
    const code = await run([...args, '--url', server.url], terminal);
    return { code, out: terminal.out, err: terminal.err };
  };

  for (const era of eras) {
    it(`lists tools (${era})`, async () => {
      const { code, out, err } = await sluice(['tools', '--protocol', era]);
      assert.equal(code, 0, err);
      assert.match(out, /^TOOL +DESCRIPTION\n/);
      assert.match(out, /\ntest_simple_text +Answers with a line of text\n/);
      assert.match(err, /^\d+ tools\n/);
    });

    it(`shows progress on stderr and the result on stdout (${era})`, async () => {
      const { code, out, err } = await sluice(['call', 'test_tool_with_progress', '--protocol', era]);
      assert.equal(code, 0, err);
      assert.equal(err.trim().split('\n').length, 3, err);
      assert.match(err, /^0\/100/);
      assert.notEqual(out, '');
    });
  }

  it('prints every message as a line of JSON, the result last', async () => {
    const { code, out, err } = await sluice(['call', 'test_tool_with_progress', '{}', '--json']);
    assert.equal(code, 0, err);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    assert.deepEqual(
      lines.map(({ type }) => type),
      ['progress', 'progress', 'progress', 'result'],
    );
    assert.equal(err, '');
  });

  it('ends with 1 when the tool reports a failure', async () => {
    const { code, out, err } = await sluice(['call', 'test_error_handling']);
    assert.equal(code, 1);
    assert.match(out, /intentionally returns an error/);
    assert.match(err, /test_error_handling reports a failure/);
  });

  it('says which tool was meant', async () => {
    const { code, err } = await sluice(['call', 'test_simple_txt']);
    assert.equal(code, 1);
    assert.match(err, /There is no tool test_simple_txt\n {2}Did you mean test_simple_text\?/);
  });

  it('takes the arguments from stdin', async () => {
    const { code, err } = await sluice(['call', 'test_simple_text', '-'], { stdin: '{}' });
    assert.equal(code, 0, err);
  });

  it('gives up in time and says so', async () => {
    const { code, err } = await sluice(['call', 'test_tool_with_progress', '--timeout', '60ms']);
    assert.equal(code, 1);
    assert.match(err, /No answer within 0\.06 s/);
  });

  it('cancels the call on Ctrl-C and ends with 130', async () => {
    const terminal = fakeTerminal();
    const running = run(['call', 'test_tool_with_progress', '--url', server.url], terminal);
    await once(terminal.stderr, 'data');
    terminal.interrupt();
    assert.equal(await running, 130);
    assert.equal(terminal.out, '');
  });

  it('does without a spinner on a terminal that has no width', async () => {
    const { code, out, err } = await sluice(['call', 'test_tool_with_progress'], { tty: true, columns: 0 });
    assert.equal(code, 0, err);
    assert.notEqual(out, '');
    assert.equal(err.trim().split('\n').length, 3, err);
  });

  it('lists resources and prompts as JSON', async () => {
    for (const command of ['resources', 'prompts']) {
      const { code, out, err } = await sluice([command, '--json']);
      assert.equal(code, 0, err);
      assert.ok((JSON.parse(out) as unknown[]).length > 0);
    }
  });
});
