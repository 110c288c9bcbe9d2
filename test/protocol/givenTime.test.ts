import assert from 'node:assert/strict';
import { givenTime } from '../../src/protocol/givenTime.js';
import { remaining } from '../../src/protocol/remaining.js';

describe('protocol/givenTime', () => {
  const cases: readonly (readonly [meta: unknown, header: unknown, given: number | undefined])[] = [
    [undefined, undefined, undefined],
    [1500, undefined, 1500],
    [undefined, '1500', 1500],
    [1500, '900', 900],
    [200, '900', 200],
    [0, undefined, 0],
    [undefined, '0', 0],
    [1.9, undefined, 1],
    [-1, undefined, undefined],
    [Number.NaN, undefined, undefined],
    [Infinity, undefined, Infinity],
    ['1500', undefined, undefined],
    [{}, '-5', undefined],
    [null, '1e3', undefined],
    [undefined, '', undefined],
    [undefined, ' 5', undefined],
    [undefined, '9'.repeat(16), undefined],
    [undefined, ['5', '6'], undefined],
  ];
  for (const [meta, header, given] of cases)
    it(`_meta ${JSON.stringify(meta)}, header ${JSON.stringify(header)}: ${given}`, () =>
      assert.equal(givenTime({ [remaining.meta]: meta }, header), given));
});
