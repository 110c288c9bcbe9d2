import assert from 'node:assert/strict';
import { compiledPatch } from '../../../src/protocol/transform/compiledPatch.js';
import type { PatchOperation } from '../../../src/protocol/transform/rewriteRule.js';

const bindings = { context: {} };

describe('protocol/transform/compiledPatch', () => {
  const patches: [readonly PatchOperation[], unknown, unknown][] = [
    [[{ op: 'add', path: '/unit', value: 'EUR' }], { id: 1 }, { id: 1, unit: 'EUR' }],
    [[{ op: 'add', path: '/rows/-', value: null }], { rows: [1] }, { rows: [1, null] }],
    [[{ op: 'move', from: '/id', path: '/order/id' }], { id: 1, order: {} }, { order: { id: 1 } }],
    [[{ op: 'copy', from: '/a~1b', path: '/m~0n' }], { 'a/b': 1 }, { 'a/b': 1, 'm~n': 1 }],
    [[{ op: 'replace', path: '', value: { all: 1 } }], { id: 1 }, { all: 1 }],
    [[{ op: 'replace', path: '', value: 'text' }], 'another', 'text'],
    [[{ op: 'move', from: '', path: '' }], { id: 1 }, { id: 1 }],
    [
      [
        { op: 'test', path: '/v', value: [1] },
        { op: 'remove', path: '/v/0' },
      ],
      { v: [1] },
      { v: [] },
    ],
  ];
  for (const [patch, value, expected] of patches)
    it(`${JSON.stringify(patch)} of ${JSON.stringify(value)}`, () => {
      const before = structuredClone(value);
      assert.deepEqual(compiledPatch(patch)(value, bindings), expected);
      assert.deepEqual(value, before);
    });

  const unfit: [PatchOperation, unknown][] = [
    [{ op: 'replace', path: '/none', value: 1 }, { id: 'canary' }],
    [{ op: 'remove', path: '/rows/5' }, { rows: ['canary'] }],
    [{ op: 'add', path: '/a/b/c', value: 1 }, { a: 'canary' }],
    [{ op: 'test', path: '/id', value: 1 }, { id: 'canary' }],
    [{ op: 'remove', path: '/length' }, 'canary'],
    [{ op: 'copy', from: '/toString', path: '/x' }, {}],
    [{ op: 'add', path: '/hasOwnProperty/x', value: 1 }, {}],
  ];
  for (const [operation, value] of unfit)
    it(`fails where ${JSON.stringify(operation)} does not fit, and tells nothing of the value`, () => {
      const rewrite = compiledPatch([{ op: 'test', path: '', value }, operation]);
      assert.throws(() => rewrite(value, bindings), {
        name: 'RewriteError',
        message: `Operation 2 (${operation.op}) does not fit the value`,
      });
    });

  const unreadable: [PatchOperation, RegExp][] = [
    [{ op: 'add', path: 'id', value: 1 }, /`id` must be empty or begin with/],
    [{ op: 'add', path: '/a~2', value: 1 }, /has no JSON Pointer/],
    [{ op: 'add', path: '/id' }, /operation 1 \(add\) needs a `value`/],
    [{ op: 'move', path: '/id' }, /needs `from`/],
    [{ op: 'remove', path: '/id', from: '/x' }, /takes no `from`/],
    [{ op: 'add', path: '/__proto__/polluted', value: 1 }, /`__proto__`, which is no data/],
    [{ op: 'copy', from: '/constructor/prototype', path: '/x' }, /`constructor`, which is no data/],
    [{ op: 'replace', path: '/x/prototype', value: 1 }, /`prototype`, which is no data/],
  ];
  for (const [operation, message] of unreadable)
    it(`refuses ${JSON.stringify(operation)}, before anything is called`, () => {
      assert.throws(() => compiledPatch([operation]), { name: 'RewriteError', message });
    });

  it('leaves alone what all objects share, whatever a value calls its members', () => {
    const value: unknown = JSON.parse('{"__proto__":{"polluted":1},"a":{}}');
    compiledPatch([{ op: 'copy', from: '', path: '/a/whole' }])(value, bindings);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    assert.equal(Object.prototype.hasOwnProperty.call(Object.prototype.hasOwnProperty, 'x'), false);
  });
});
