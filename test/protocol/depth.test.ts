import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isDeeperThan } from '../../src/protocol/depth.js';
import { parseJson } from '../../src/protocol/parseJson.js';

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? 1 + Math.max(0, ...Object.values(value as Record<string, unknown>).map(depthOf))
    : 0;

describe('protocol/depth', () => {
  for (const [text, max, deeper] of [
    ['', 0, false],
    ['[]', 0, true],
    ['[[]]', 1, true],
    ['[[]]', 2, false],
    ['{"a":{"b":[]}}', 2, true],
    ['{"a":{"b":[]}}', 3, false],
    ['[[],[],[],[]]', 2, false],
    ['"[[[["', 0, false],
    ['{"[[\\"[[":1}', 1, false],
    ['"\\\\",[[]]', 1, true],
  ] as const)
    it(`${JSON.stringify(text)} is ${deeper ? '' : 'not '}deeper than ${max}`, () => {
      assert.equal(isDeeperThan(text, max), deeper);
      assert.equal(isDeeperThan(Buffer.from(text), max), deeper);
    });

  it('agrees with the value, as text and as bytes', () =>
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(6), (value, max) => {
        const text = JSON.stringify(value);
        const expected = depthOf(JSON.parse(text)) > max;
        return isDeeperThan(text, max) === expected && isDeeperThan(Buffer.from(text), max) === expected;
      }),
    ));

  it('any text and bytes get an answer', () =>
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.string(),
        (bytes, text) =>
          typeof isDeeperThan(bytes, 3) === 'boolean' && typeof isDeeperThan(text, 3) === 'boolean',
      ),
    ));

  it('parseJson gives no value for what is no JSON or too deep', () => {
    assert.deepEqual(parseJson('{"a":[1]}', 2), { a: [1] });
    assert.equal(parseJson('{"a":[1]}', 1), undefined);
    assert.equal(parseJson('{"a":', 9), undefined);
    assert.equal(parseJson('['.repeat(1e6), 512), undefined);
  });
});
