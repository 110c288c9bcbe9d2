import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../support/eventually.js';
import { buildBundle } from '../../support/services/buildBundle.js';
import { opaProgram } from '../../support/services/opaProgram.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { policyStory, type PolicyStory } from './policyStory.js';

const rego = (limit: number) => `package sluice
default allow := {"allow": false, "reason": "nothing allows it"}
allow := true if { input.tool.own in data.open }
allow := {"allow": true, "reason": "small"} if {
  input.tool.own == "refund"
  object.get(input, ["arguments", "amount"], 0) < ${limit}
}
allow := {"allow": false, "reason": sprintf("%v is too much", [input.arguments.amount])} if {
  input.tool.own == "refund"
  input.arguments.amount >= ${limit}
}
`;

describe('a policy compiled to WebAssembly, from a file', function () {
  this.timeout(60_000);
  let story: PolicyStory;
  let folder: string;
  let file: string;

  const write = async (content: Buffer | string): Promise<void> => {
    await writeFile(`${file}.new`, content);
    await rename(`${file}.new`, file);
  };
  const bundle = (limit: number, revision: string): Promise<Buffer> =>
    buildBundle({ rego: rego(limit), data: { open: ['get'] }, entrypoints: ['sluice/allow'], revision });
  const policy = () => story.health().policies?.[0];

  before(async function () {
    await serviceFor(this, opaProgram);
    folder = await mkdtemp(join(tmpdir(), 'sluice-policy-'));
    file = join(folder, 'policy.tar.gz');
    await write(await bundle(100, 'one'));
    story = await policyStory(`opa: { bundle: '${file}', path: sluice/allow }`);
  });
  after(async () => {
    await story.close();
    await rm(folder, { recursive: true });
  });

  it('allows what it allows, with its data', async () => {
    assert.deepEqual((await story.call('get', { id: '1' })).error, undefined);
    assert.deepEqual((await story.call('refund', { amount: 99 })).error, undefined);
    assert.equal(story.service.seen.length, 2);
  });

  it('denies with its reason; nothing is sent', async () => {
    const before = story.service.seen.length;
    const { error } = await story.call('refund', { amount: 100 });
    assert.deepEqual([error?.code, error?.message], [4003, '100 is too much']);
    assert.equal(story.service.seen.length, before);
    const line = story.logged('tool_call').at(-1);
    assert.equal(line?.['policy'], 'gateway:sluice/allow');
    assert.equal(line['policy_reason'], '100 is too much');
    assert.equal(line['status'], 'forbidden');
  });

  it('what could not be called is neither listed nor there', async () => {
    assert.deepEqual(await story.tools(), ['get', 'refund']);
    const { error } = await story.call('export');
    assert.deepEqual([error?.code, error?.message], [-32602, 'Unknown tool: orders_export']);
    assert.equal(story.logged('tool_call').at(-1)?.['error'], 'ERR_HIDDEN');
  });

  it('counts what it decides', async () => {
    const found = await story.metrics();
    const count = (decision: string) =>
      found.get(`mcp_gateway_policy_decisions_total{policy="gateway:sluice/allow",decision="${decision}"}`);
    assert.deepEqual(['allow', 'deny', 'hidden'].map(count), [2, 1, 1]);
    assert.equal(found.get('mcp_gateway_policy_up{policy="gateway"}'), 1);
  });

  it('a new one takes its place while the gateway runs', async () => {
    assert.equal(policy()?.revision, 'one');
    await write(await bundle(1000, 'two'));
    await eventually(10_000, 'the new policy', () => policy()?.revision === 'two');
    assert.equal((await story.call('refund', { amount: 100 })).error, undefined);
  });

  for (const [what, make] of [
    ['is no archive', () => Promise.resolve(Buffer.from('what'))],
    [
      'has another decision',
      () =>
        buildBundle({
          rego: rego(5).replaceAll('allow', 'other').replaceAll('"other"', '"allow"'),
          entrypoints: ['sluice/other'],
        }),
    ],
    [
      'uses what there is not',
      () =>
        buildBundle({
          rego: 'package sluice\nallow if http.send({"method": "get", "url": "http://127.0.0.1:1"}).status_code == 200',
          entrypoints: ['sluice/allow'],
        }),
    ],
  ] as const)
    it(`one that ${what} is refused: the one before stays`, async () => {
      const known = story.logged('policy_rejected').length;
      await write(await make());
      await eventually(10_000, 'the refusal', () => story.logged('policy_rejected').length > known);
      assert.equal(policy()?.status, 'stale');
      assert.equal(policy()?.revision, 'two');
      assert.equal((await story.call('refund', { amount: 999 })).error, undefined);
      assert.equal((await story.call('refund', { amount: 1000 })).error?.message, '1000 is too much');
      assert.equal((await story.metrics()).get('mcp_gateway_policy_up{policy="gateway"}'), 0);
    });
});
