import assert from 'node:assert/strict';
import { firstValueFrom, isObservable, of, Subject } from 'rxjs';
import type { Decision } from '../../src/streams/decision.js';
import { judge } from '../../src/streams/judge.js';
import type { Policies, Policy } from '../../src/streams/policies.js';
import type { PolicyInput } from '../../src/streams/policyInput.js';
import { resolvedCall } from '../operators/scenarios.js';

type Says = Omit<Decision, 'policy' | 'obligations'>;

/** A policy that says one thing of calls and another of lists, and notes what it was asked. */
const policy = (name: string, ofCalls: Says, ofLists: Says = { allow: true }) => {
  const asked: PolicyInput[] = [];
  const decide: Policy['decide'] = (input) => {
    asked.push(input);
    return { ...(input.method.endsWith('/list') ? ofLists : ofCalls), obligations: {}, policy: name };
  };
  return { asked, policy: { name, decide, isUsable: () => true } };
};

const call = () => resolvedCall({}, { params: { name: 'orders_get', arguments: { id: '7' } } });

const setting = (policies: readonly Policy[], more: Partial<Policies> = {}) => {
  const decided: string[] = [];
  const judging = judge({
    policies: () => ({ over: () => policies, shadow: undefined, lists: true, version: 1, ...more }),
    instance: '',
    now: () => 0,
    decided: ({ policy: by, allow, hidden }, _exchange, kind) =>
      void decided.push(`${kind} ${by} ${hidden === true ? 'hidden' : allow ? 'allow' : 'deny'}`),
  });
  return { judging, decided };
};

const sync = (said: unknown): Decision => {
  assert.ok(!isObservable(said), 'at once');
  return said as Decision;
};

describe('streams/judge', () => {
  it('asks nobody where no policy has a say', () => {
    const { judging, decided } = setting([]);
    assert.deepEqual(sync(judging.call(call())), { allow: true, obligations: {}, policy: 'none' });
    assert.deepEqual(decided, []);
  });

  it('asks once about a call that is allowed, at once, with its arguments', () => {
    const { asked, policy: only } = policy('p', { allow: true });
    const { judging, decided } = setting([only]);
    assert.equal(sync(judging.call(call())).allow, true);
    assert.deepEqual(
      asked.map(({ method, tool, arguments: given }) => [method, tool?.own, given]),
      [['tools/call', 'get', { id: '7' }]],
    );
    assert.deepEqual(decided, ['real p allow']);
  });

  it('tells why of a call that is denied and would be listed', () => {
    const { asked, policy: only } = policy('p', { allow: false, reason: 'too much' });
    const { judging, decided } = setting([only]);
    const { allow, reason, hidden } = sync(judging.call(call()));
    assert.deepEqual([allow, reason, hidden], [false, 'too much', undefined]);
    assert.deepEqual(
      asked.map(({ method, arguments: given }) => [method, given]),
      [
        ['tools/call', { id: '7' }],
        ['tools/list', undefined],
      ],
    );
    assert.deepEqual(decided, ['real p deny']);
  });

  it('hides one that would not be listed either', () => {
    const { policy: only } = policy('p', { allow: false }, { allow: false });
    const { judging, decided } = setting([only]);
    assert.equal(sync(judging.call(call())).hidden, true);
    assert.deepEqual(decided, ['real p hidden']);
  });

  it('hides nothing where lists show everything, or where nothing was decided', () => {
    const denying = policy('p', { allow: false }, { allow: false });
    assert.equal(sync(setting([denying.policy], { lists: false }).judging.call(call())).hidden, undefined);
    assert.equal(denying.asked.length, 1);
    const broken = policy('p', { allow: false, fault: 'gone' }, { allow: false });
    assert.equal(sync(setting([broken.policy]).judging.call(call())).hidden, undefined);
    const halfBroken = policy('p', { allow: false }, { allow: false, fault: 'gone' });
    assert.equal(sync(setting([halfBroken.policy]).judging.call(call())).hidden, undefined);
  });

  it('lets all policies have their say: one that denies is enough', () => {
    const [first, second] = [policy('a', { allow: true }), policy('b', { allow: false, reason: 'no' })];
    const { judging } = setting([first.policy, second.policy]);
    const { allow, reason } = sync(judging.call(call()));
    assert.deepEqual([allow, reason], [false, 'no']);
  });

  it('asks a policy that is only tried out, and waits for nothing of it', () => {
    const late = new Subject<Decision>();
    const shadow: Policy = { name: 's', decide: () => late, isUsable: () => true };
    const { judging, decided } = setting([policy('p', { allow: true }).policy], { shadow });
    assert.equal(sync(judging.call(call())).allow, true);
    late.next({ allow: false, obligations: {}, policy: 's' });
    assert.deepEqual(decided, ['real p allow', 'shadow s deny']);
  });

  it('waits for one that has to ask elsewhere', async () => {
    const remote: Policy = {
      name: 'r',
      decide: () => of<Decision>({ allow: false, obligations: {}, policy: 'r' }),
      isUsable: () => true,
    };
    const said = setting([remote], { lists: false }).judging.call(call());
    assert.ok(isObservable(said));
    assert.equal((await firstValueFrom(said)).allow, false);
  });
});
