import assert from 'node:assert/strict';
import { retryAfter } from '../../src/protocol/retryAfter.js';

describe('protocol/retryAfter', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  const cases: [value: string | string[] | undefined, ms: number | undefined][] = [
    ['0', 0],
    ['120', 120_000],
    ['Sat, 21 Nov 2026 12:00:05 GMT', 5000],
    ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
    ['', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['1234567890', undefined],
    [['1', '2'], undefined],
    [undefined, undefined],
  ];
  for (const [value, ms] of cases)
    it(`${JSON.stringify(value)}: ${ms ?? 'nothing'}`, () => assert.equal(retryAfter(value, now), ms));
});
