import assert from 'node:assert/strict';
import { firstValueFrom, of } from 'rxjs';
import { redactArguments } from '../../src/operators/redactArguments.js';
import { redactions } from '../../src/streams/redactions.js';
import { byCode } from '../../src/testing/byCode.js';
import { marbles } from '../../src/testing/marbles.js';
import { rule } from '../protocol/redaction/rules.js';
import { resolvedCall } from './scenarios.js';

const rules = [
  { ...rule({ detect: ['email'] }), direction: 'both' as const },
  { ...rule({ name: 'no cards', detect: ['card'], action: 'refuse' }), direction: 'arguments' as const },
];
const some = redactions({ rules, holdMs: 1 }, Buffer.alloc(32), '_');
const none = redactions(undefined, Buffer.alloc(32), '_');
const calling = (params: Readonly<Record<string, unknown>>) =>
  resolvedCall({ params: { name: 'get', ...params } });
const redacted = async (params: Readonly<Record<string, unknown>>) => {
  const next = await firstValueFrom(of(calling(params)).pipe(redactArguments(some)));
  return next;
};

describe('operators/redactArguments', () => {
  it('passes a call that no rule is about in its frame, with the same target', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = calling({ arguments: { to: 'ann@example.com' } });
      const calls = cold('  --a--|', { a });
      const subs = '        ^----!';
      const expected = '    --A--|';
      expectObservable(calls.pipe(redactArguments(none))).toBe(expected, {
        A: { ...a, redaction: undefined },
      });
      expectSubscriptions(calls.subscriptions).toBe(subs);
    }));

  it('refuses what a rule refuses', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const calls = cold('  --a--|', { a: calling({ arguments: { n: '4111111111111111' } }) });
      const subs = '        ^-!';
      const expected = '    --#';
      expectObservable(calls.pipe(redactArguments(some), byCode())).toBe(expected, {}, 'ERR_CONTENT_REFUSED');
      expectSubscriptions(calls.subscriptions).toBe(subs);
    }));

  it('leaves the target as it is where nothing is found', async () => {
    const params = { arguments: { to: 'nobody' } };
    const call = calling(params);
    const next = await firstValueFrom(of(call).pipe(redactArguments(some)));
    assert.equal(next.target, call.target);
  });

  const mask = '[redacted:email]';
  const found: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ['arguments', { arguments: { type: 'ann@example.com' } }, { arguments: { type: mask } }],
    ['vendor keys of _meta', { _meta: { 'x/y': 'ann@example.com' } }, { _meta: { 'x/y': mask } }],
    [
      'answers of a round',
      { inputResponses: { q: { action: 'accept', content: { id: 'ann@example.com' } } } },
      { inputResponses: { q: { action: 'accept', content: { id: mask } } } },
    ],
    [
      'a completion',
      {
        argument: { name: 'to', value: 'ann@example.com' },
        context: { arguments: { cc: 'ann@example.com' } },
      },
      { argument: { name: 'to', value: mask }, context: { arguments: { cc: mask } } },
    ],
    [
      'the name of what is completed, and what else is said of its subject',
      {
        ref: { type: 'ref/resource', uri: 'crm://{who}', title: 'ann@example.com' },
        argument: { name: 'ann@example.com', value: '' },
      },
      { ref: { type: 'ref/resource', uri: 'crm://{who}', title: mask }, argument: { name: mask, value: '' } },
    ],
    ['members that no protocol knows', { extra: { id: 'ann@example.com' } }, { extra: { id: mask } }],
    [
      'what belongs to other methods',
      { cursor: 'ann@example.com', taskId: 'ann@example.com' },
      { cursor: mask, taskId: mask },
    ],
    ['baggage', { _meta: { baggage: 'who=ann%40example.com' } }, { _meta: { baggage: `who=${mask}` } }],
  ];
  for (const [what, params, expected] of found)
    it(`redacts ${what}`, async () =>
      assert.deepEqual((await redacted(params)).target.params, { name: 'get', ...expected }));

  it('leaves states and trace context alone', async () => {
    const params = { requestState: 'ann@example.com', _meta: { tracestate: 'a=ann@example.com' } };
    assert.deepEqual((await redacted(params)).target.params, { name: 'get', ...params });
  });

  it('refuses what a rule refuses in what belongs to other methods', () => {
    for (const key of ['cursor', 'taskId', 'uri'])
      assert.throws(() => redactArguments(some).step(calling({ [key]: '4111111111111111' })), {
        code: 'ERR_CONTENT_REFUSED',
      });
  });

  it('leaves the id of a task alone where it is one', async () => {
    const call = resolvedCall({ method: 'tasks/get', params: { taskId: 'ann@example.com' } });
    const next = await firstValueFrom(of(call).pipe(redactArguments(some)));
    assert.equal(next.target, call.target);
  });

  it('masks what the decision about the call wants masked, where no rule is about it', async () => {
    const decision = { allow: true, policy: 'p', obligations: { mask: ['arguments.to', '$.ssn'] } };
    const call = { ...calling({ arguments: { to: 'nobody', cc: 'x' } }), decision };
    const next = await firstValueFrom(of(call).pipe(redactArguments(none)));
    assert.deepEqual(next.target.params['arguments'], { to: '[redacted:policy]', cc: 'x' });
    assert.deepEqual(next.redaction?.results?.document({ ssn: 1, to: 'x' }), { ssn: 0, to: 'x' });
  });

  it('masks in what a task tells what was wanted when it was begun', async () => {
    const call = resolvedCall({ tool: undefined, begunBy: { tool: 'get', mask: ['$.ssn'] } });
    const next = await firstValueFrom(of(call).pipe(redactArguments(none)));
    assert.deepEqual(next.redaction?.results?.document({ ssn: 'x' }), { ssn: '[redacted:policy]' });
  });

  it('sends the URI of a resource as it came, and keeps it out of the log', async () => {
    const call = resolvedCall({ method: 'resources/read', params: { uri: 'crm://ann@example.com' } });
    const next = await firstValueFrom(of(call).pipe(redactArguments(some)));
    assert.equal(next.target.params['uri'], 'crm://ann@example.com');
    assert.equal(next.notes.target, `crm://${mask}`);
  });

  it('refuses a template that holds what is refused', () => {
    const call = calling({ ref: { type: 'ref/resource', uri: 'crm://4111111111111111/{x}' } });
    assert.throws(() => redactArguments(some).step(call), { code: 'ERR_CONTENT_REFUSED' });
  });

  it('keeps a URI that is refused out of the log, too', () => {
    const call = calling({ uri: 'crm://4111111111111111' });
    call.notes.target = 'crm://4111111111111111';
    assert.throws(() => redactArguments(some).step(call), { code: 'ERR_CONTENT_REFUSED' });
    assert.equal(call.notes.target, '[refused]');
  });
});
