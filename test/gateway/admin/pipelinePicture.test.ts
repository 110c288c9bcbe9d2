import assert from 'node:assert/strict';
import type { CallRecord } from '../../../src/protocol/audit/callRecord.js';
import { pipelinePicture } from '../../../src/gateway/admin/pipelinePicture.js';
import { Tally } from '../../../src/gateway/admin/tally.js';
import { callOperators } from '../../../src/gateway/explain/callOperators.js';

const after = (...names: readonly string[]) => {
  const tally = new Tally();
  const stages = names.map((name) => ({ name, start_ms: 0, duration_ms: 1 }));
  tally.add({ kind: 'call', stages } as unknown as CallRecord, 0);
  return pipelinePicture(tally, 1).pipelines;
};

describe('pipelinePicture', () => {
  it('has a place for every stage of a call', () => {
    assert.deepEqual(
      after(...callOperators, 'transformResult', 'redactReplies').map(({ name }) => name),
      ['Every message', 'Calls to servers', 'Answered here'],
    );
  });

  it('shows the stages of a program beside its own', () => {
    const { name, nodes } = after('admit', 'bill').at(-1) ?? assert.fail();
    assert.equal(name, 'Stages of your own');
    assert.deepEqual(
      nodes.map((node) => [node.name, node.entered]),
      [['bill', 1]],
    );
  });
});
