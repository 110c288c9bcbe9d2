import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../src/cli/run.js';
import { fakeTerminal } from '../../cli/fakeTerminal.js';
import { eventually } from '../../support/eventually.js';
import { policyCase } from '../../support/policyCase.js';
import { buildBundle } from '../../support/services/buildBundle.js';
import { opaProgram } from '../../support/services/opaProgram.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { policyStory, type PolicyStory } from './policyStory.js';

const rego = (limit: number) => `package sluice
import data.rules
default allow := false
allow := true if input.tool.own in data.open
allow := {"allow": rules.small(input.arguments.amount, ${limit}), "reason": "looked at"} if {
  input.tool.own == "refund"
  input.arguments.amount
}
allow := {"allow": true, "obligations": {"scopes": ["refunds"]}} if {
  input.tool.own == "refund"
  not input.arguments
}
`;

describe('Rego that the gateway compiles with the real opa program', function () {
  this.timeout(60_000);
  let story: PolicyStory;
  let program: string;
  let folder: string;

  const write = async (name: string, content: string): Promise<void> => {
    await writeFile(join(folder, '.new'), content);
    await rename(join(folder, '.new'), join(folder, 'policies', name));
  };
  const policy = () => story.health().policies?.[0];
  const amount = async (value: number) => (await story.call('refund', { amount: value })).error?.message;

  before(async function () {
    program = await serviceFor(this, opaProgram);
    folder = await mkdtemp(join(tmpdir(), 'sluice-rego-test-'));
    await mkdir(join(folder, 'policies'));
    await write('sluice.rego', rego(100));
    await write('rules.rego', 'package rules\nsmall(amount, limit) := amount < limit\n');
    await write('data.json', '{"open": ["get"]}');
    story = await policyStory(`opa: { rego: '${folder}/policies', program: '${program}' }`);
  });
  after(async () => {
    await story.close();
    await rm(folder, { recursive: true });
  });

  it('decides with all files of a folder, its data included', async () => {
    assert.equal(policy()?.status, 'healthy', policy()?.reason);
    assert.equal((await story.call('get', { id: '1' })).error, undefined);
    assert.deepEqual([await amount(99), await amount(100)], [undefined, 'looked at']);
    assert.deepEqual(await story.tools(), ['get', 'refund']);
  });

  it('takes a changed file', async () => {
    await write('sluice.rego', rego(1000));
    await eventually(20_000, 'the new limit', async () => (await amount(100)) === undefined);
  });

  it('keeps the last good one where a file does not compile, and names the place', async () => {
    const before = story.logged('policy_rejected').length;
    await write('sluice.rego', 'package sluice\nallow := true if {\n  input.tool ==\n}\n');
    await eventually(20_000, 'the refusal', () => story.logged('policy_rejected').length > before);
    assert.equal(policy()?.status, 'stale');
    assert.match(policy()?.reason ?? '', /does not compile: .*sluice\.rego:[34]/s);
    assert.ok(!policy()?.reason?.includes(tmpdir()), policy()?.reason);
    assert.deepEqual([await amount(999), await amount(1000)], [undefined, 'looked at']);
    await write('sluice.rego', rego(10));
    await eventually(20_000, 'the mended one', async () => (await amount(10)) === 'looked at');
    assert.equal(policy()?.status, 'healthy');
  });

  it('without the program allows nothing, and says what to do', async () => {
    story.configure(`opa: { rego: '${folder}/policies', program: ./no-opa-here }`);
    await eventually(20_000, 'it being known', () => policy()?.status === 'down');
    assert.match(
      policy()?.reason ?? '',
      /no `opa` program here: install it .* `opa\.program`, or .*`bundle`/,
    );
    const { error } = await story.call('get', { id: '1' });
    assert.equal(error?.code, 4032);
    assert.doesNotMatch(error.message, /opa/);
  });

  describe('sluice policy test', () => {
    const cases = [
      { input: policyCase('get', { id: '1' }), expect: { allow: true } },
      { input: policyCase('refund', { amount: 3 }), expect: { allow: true, reason: 'looked at' } },
      { input: policyCase('refund', { amount: 50 }), expect: { allow: true } },
      { input: policyCase('export'), expect: { allow: false } },
    ];
    const test = async (...args: string[]) => {
      const terminal = fakeTerminal({ cwd: folder });
      const code = await run(['policy', 'test', 'cases.ndjson', ...args], terminal);
      return { code, out: terminal.out, err: terminal.err };
    };
    before(async () => {
      await writeFile(join(folder, 'cases.ndjson'), cases.map((one) => JSON.stringify(one)).join('\n'));
      await writeFile(
        join(folder, 'gateway.yaml'),
        `servers: { s: { url: 'http://127.0.0.1:1' } }\nopa: { rego: ./policies, program: '${program}' }\n`,
      );
    });

    it('asks a configuration’s Rego', async () => {
      const { code, out, err } = await test();
      assert.equal(code, 1, err);
      assert.match(err, /1 of 4 cases not as expected/);
      assert.match(out, /cases\.ndjson:3 +orders_refund +ann +deny +NO: allow +looked at/);
      assert.equal(out.match(/ yes/g)?.length, 3);
    });

    it('asks a compiled bundle', async () => {
      const bundle = await buildBundle({
        rego: 'package other\nmay := {"allow": input.tool.own != "export"}',
        entrypoints: ['other/may'],
      });
      await writeFile(join(folder, 'other.tar.gz'), bundle);
      const found = await test('--bundle', 'other.tar.gz', '--path', 'other/may', '--json');
      assert.equal(found.code, 1);
      assert.deepEqual(
        found.out
          .trim()
          .split('\n')
          .map((line) => (JSON.parse(line) as { allow: boolean }).allow),
        [true, true, true, false],
      );
      const missing = await test('--bundle', 'other.tar.gz');
      assert.match(missing.err, /has no decision `sluice\/allow`.*It has: other\/may/s);
    });
  });
});
