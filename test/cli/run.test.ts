import assert from 'node:assert/strict';
import { run } from '../../src/cli/run.js';
import { version } from '../../src/cli/terminal.js';
import { fakeTerminal } from './fakeTerminal.js';

const commands = ['start', 'check', 'tools', 'call', 'resources', 'prompts'];

describe('cli/run', () => {
  for (const args of [['--version'], ...commands.map((command) => [command, '--version'])])
    it(`prints the version: ${args.join(' ')}`, async () => {
      const terminal = fakeTerminal();
      assert.equal(await run(args, terminal), 0);
      assert.equal(terminal.out, `${version}\n`);
    });

  for (const args of [['--help'], ...commands.map((command) => [command, '--help'])])
    it(`prints help with examples: ${args.join(' ')}`, async () => {
      const terminal = fakeTerminal();
      assert.equal(await run(args, terminal), 0);
      assert.match(terminal.out, /^Usage: sluice/);
      assert.match(terminal.out, /\nExamples:\n {2}\$ sluice /);
    });

  const wrong: [string, string[], RegExp][] = [
    [
      'an unknown command, with what was meant',
      ['strat'],
      /unknown command 'strat'[\s\S]*Did you mean start/,
    ],
    [
      'an unknown flag, with what was meant',
      ['start', '--prot', '1'],
      /unknown option '--prot'[\s\S]*--port/,
    ],
    ['a port that is none', ['start', '--port', '70000'], /0 to 65535/],
    ['a missing argument', ['call'], /missing required argument 'tool'/],
    [
      'an address that is none',
      ['tools', '--url', 'nonsense'],
      /--url is not an http\(s\) address: nonsense/,
    ],
    ['a header that is none', ['tools', '--header', 'x'], /"name: value"/],
    ['a timeout that is none', ['call', 'x', '--timeout', 'soon'], /number of seconds/],
    ['arguments that are no JSON', ['call', 'x', '{"a": }'], /are not JSON[\s\S]*\{"a": \}\n {2} {6}\^/],
    ['arguments that are no object', ['call', 'x', '[1]'], /not a JSON object but an array/],
    ['too many arguments', ['check', 'a', 'b'], /too many arguments/],
  ];
  for (const [name, args, expected] of wrong)
    it(`ends with 2 for ${name}`, async () => {
      const terminal = fakeTerminal();
      assert.equal(await run(args, terminal), 2);
      assert.match(terminal.err, expected);
      assert.equal(terminal.out, '');
    });

  it('prints its help on stderr and ends with 2 without a command', async () => {
    const terminal = fakeTerminal();
    assert.equal(await run([], terminal), 2);
    assert.match(terminal.err, /^Usage: sluice/);
  });

  it('says how to start the gateway when none listens', async () => {
    const terminal = fakeTerminal();
    assert.equal(await run(['tools', '--url', 'http://127.0.0.1:9'], terminal), 1);
    assert.match(terminal.err, /Nothing answers at http:\/\/127\.0\.0\.1:9\/mcp/);
    assert.match(terminal.err, /sluice start -c gateway\.yaml/);
    assert.doesNotMatch(terminal.err, /\n\s+at /);
  });
});
