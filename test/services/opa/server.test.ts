import assert from 'node:assert/strict';
import { eventually } from '../../support/eventually.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { startOpa, type Opa } from '../../support/services/startOpa.js';
import { policyStory, type PolicyStory } from './policyStory.js';

const rego = (limit: number) => `package sluice
default allow := false
allow := {"allow": true, "obligations": {"headers": {"X-Team": "west"}}} if input.tool.own == "get"
allow := {"allow": true, "obligations": {"per_minute": 3}} if {
  input.tool.own == "refund"
  object.get(input, ["arguments", "amount"], 0) < ${limit}
}
allow := {"allow": false, "reason": "too much"} if {
  input.tool.own == "refund"
  input.arguments.amount >= ${limit}
}
`;

describe('a real OPA server', function () {
  this.timeout(60_000);
  let opa: Opa;
  let story: PolicyStory;

  const configured = (more: string): string =>
    `opa: { url: '${opa.url}', path: sluice/allow, timeout: 500ms, ${more} }`;

  before(async function () {
    opa = await serviceFor(this, startOpa);
    await opa.put('sluice', rego(100));
    story = await policyStory(configured('cache_ttl: 1h'));
  });
  after(async () => {
    await opa.signal('SIGCONT');
    await story.close();
    await opa.close();
  });

  it('decides over calls and lists', async () => {
    assert.deepEqual(await story.tools(), ['get', 'refund']);
    assert.equal((await story.call('get', { id: '1' })).error, undefined);
    assert.equal((await story.call('refund', { amount: 100 })).error?.message, 'too much');
    assert.equal((await story.call('export')).error?.message, 'Unknown tool: orders_export');
    assert.deepEqual(
      story.service.seen.map(({ url, headers }) => [url, headers['x-team']]),
      [['/orders/1', 'west']],
    );
  });

  it('is asked for an explanation too, and nothing of that is counted', async () => {
    const seen = story.service.seen.length;
    const explained = async (...call: Parameters<PolicyStory['explain']>) => {
      const { allowed, steps } = await story.explain(...call);
      const step = steps.find(({ operator }) => operator === 'authorize');
      return [allowed, step?.outcome, step?.detail, step?.configuration?.pointer];
    };
    const policy = 'The policy `gateway:sluice/allow`';
    assert.deepEqual(await explained('get', { id: '1' }), [
      true,
      'passes',
      `${policy} allows it; adds the headers x-team`,
      '/opa',
    ]);
    assert.deepEqual(await explained('refund', { amount: 100 }), [
      false,
      'refuses',
      `${policy} denies it; too much`,
      '/opa',
    ]);
    for (let time = 0; time < 5; time++)
      assert.equal((await explained('refund', { amount: 1 }))[0], true, 'three a minute are not spent');
    assert.equal(story.service.seen.length, seen);
  });

  it('asks for so many a minute: what is more is refused', async () => {
    for (const amount of [1, 2, 3])
      assert.equal((await story.call('refund', { amount })).error, undefined, `the call with ${amount}`);
    assert.equal((await story.call('refund', { amount: 4 })).error?.code, 4029);
  });

  it('is not asked again what it has answered; anything else it is', async () => {
    await opa.put('sluice', rego(5));
    assert.equal((await story.call('get', { id: '1' })).error, undefined);
    assert.equal((await story.call('refund', { amount: 6 })).error?.message, 'too much');
  });

  it('that does not answer allows nothing, and what is remembered goes on', async () => {
    await opa.signal('SIGSTOP');
    assert.equal((await story.call('get', { id: '1' })).error, undefined);
    const { error } = await story.call('get', { id: '2' });
    assert.deepEqual([error?.code, story.logged('tool_call').at(-1)?.['error']], [4032, 'ERR_POLICY_FAILED']);
    assert.equal(story.logged('tool_call').at(-1)?.['status'], 'policy_failed');
    assert.equal(story.health().policies?.[0]?.status, 'unreachable');
    assert.equal(story.logged('policy_unanswered').length, 1);
  });

  it('is soon not asked any more, and is again when it is back', async () => {
    for (const id of [3, 4, 5, 6]) await story.call('get', { id: `${id}` });
    await story.call('get', { id: '7' });
    assert.match(String(story.logged('tool_call').at(-1)?.['policy_reason']), /not asked for now/);
    await opa.signal('SIGCONT');
    await eventually(
      10_000,
      'a decision',
      async () => (await story.call('get', { id: '8' })).error === undefined,
    );
    assert.equal(story.health().policies?.[0]?.status, 'healthy');
    assert.deepEqual([story.logged('policy_unanswered').length, story.logged('policy_back').length], [1, 1]);
  });

  it('one that is tried out is only logged', async () => {
    await opa.put('next', 'package next\nallow := {"allow": false, "reason": "from next month on"}');
    story.configure(configured(`cache_ttl: 0, shadow: { path: next/allow }`));
    assert.equal((await story.call('get', { id: '9' })).error, undefined);
    await eventually(5000, 'the line', () => story.logged('policy_shadow').length > 0);
    assert.equal(story.logged('policy_shadow')[0]?.['policy_reason'], 'from next month on');
    assert.equal(story.logged('policy_shadow')[0]?.['client_id'], 'anonymous', 'a name, and no claims');
    const found = await story.metrics();
    assert.equal(
      found.get('mcp_gateway_policy_decisions_total{policy="shadow:next/allow",decision="deny"}'),
      1,
    );
  });
});
