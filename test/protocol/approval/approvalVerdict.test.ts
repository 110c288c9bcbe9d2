import assert from 'node:assert/strict';
import { approvalVerdict } from '../../../src/protocol/approval/approvalVerdict.js';

describe('protocol/approval/approvalVerdict', () => {
  for (const [name, result, answer] of [
    ['accepted and approved', { action: 'accept', content: { decision: 'approve' } }, 'approved'],
    ['accepted and denied', { action: 'accept', content: { decision: 'deny' } }, 'denied'],
    ['accepted without a decision', { action: 'accept', content: {} }, 'denied'],
    ['accepted without content', { action: 'accept' }, 'denied'],
    ['accepted with another word', { action: 'accept', content: { decision: 'APPROVE' } }, 'denied'],
    ['accepted with true', { action: 'accept', content: { decision: true } }, 'denied'],
    ['declined, whatever the form says', { action: 'decline', content: { decision: 'approve' } }, 'denied'],
    ['cancelled', { action: 'cancel' }, 'cancelled'],
    ['approved without an action', { content: { decision: 'approve' } }, 'cancelled'],
    ['a text', 'approve', 'cancelled'],
    ['nothing', undefined, 'cancelled'],
  ] as const)
    it(`reads ${name} as ${answer}`, () => assert.equal(approvalVerdict(result).answer, answer));

  it('takes a reason, bounded', () => {
    const verdict = (reason: unknown) =>
      approvalVerdict({ action: 'accept', content: { decision: 'deny', reason } });
    assert.equal(verdict('wrong order').reason, 'wrong order');
    assert.equal(verdict('x'.repeat(9999)).reason?.length, 500);
    assert.deepEqual([verdict(' ').reason, verdict(7).reason], [undefined, undefined]);
  });

  it('remembers only what was approved', () => {
    const remembered = (decision: string) =>
      approvalVerdict({ action: 'accept', content: { decision, remember: true } }).remember;
    assert.deepEqual([remembered('approve'), remembered('deny')], [true, false]);
  });
});
