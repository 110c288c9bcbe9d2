import assert from 'node:assert/strict';
import { traceContext } from '../../src/protocol/traceContext.js';

const ids = `${'ab'.repeat(16)}-${'cd'.repeat(8)}`;
const traceparent = `00-${ids}-01`;

describe('protocol/traceContext', () => {
  for (const valid of [traceparent, `00-${ids}-ff`, `01-${ids}-00`, `cc-${ids}-01-what-comes-later`])
    it(`takes traceparent ${valid}`, () =>
      assert.deepEqual(traceContext({ traceparent: valid }), { traceparent: valid }));

  for (const malformed of [
    undefined,
    null,
    7,
    [traceparent],
    '',
    `ff-${ids}-01`,
    `00-${ids}`,
    `00-${ids}-1`,
    `00-${ids}-01-more`,
    `01-${ids}-01more`,
    `00-${ids.toUpperCase()}-01`,
    `00-${'0'.repeat(32)}-${'cd'.repeat(8)}-01`,
    `00-${'ab'.repeat(16)}-${'0'.repeat(16)}-01`,
    ` ${traceparent}`,
    `${traceparent}\n`,
    `cc-${ids}-01-\r\nx: y`,
  ])
    it(`leaves traceparent ${JSON.stringify(malformed)} out, and its tracestate`, () =>
      assert.deepEqual(traceContext({ traceparent: malformed, tracestate: 'a=1' }), {}));

  for (const valid of [
    'a=1',
    'vendor=t61rcWkgMzE,other@tenant=1',
    'a=1, b=2\t,,c=~ !',
    Array.from({ length: 32 }, (_, n) => `k${n}=v`).join(','),
    `a=${'x'.repeat(256)}`,
  ])
    it(`takes tracestate ${valid.slice(0, 40)}`, () =>
      assert.deepEqual(traceContext({ traceparent, tracestate: valid }), { traceparent, tracestate: valid }));

  for (const malformed of [
    7,
    '',
    ' , ',
    'a',
    'a=',
    '=1',
    'A=1',
    'a=1=2',
    'a=b\r\nx: y',
    'a=ü',
    Array.from({ length: 33 }, (_, n) => `k${n}=v`).join(','),
    `a=${'x'.repeat(257)}`,
    `a=1${','.repeat(8192)}`,
  ])
    it(`leaves tracestate ${JSON.stringify(malformed).slice(0, 40)} out`, () =>
      assert.deepEqual(traceContext({ traceparent, tracestate: malformed }), { traceparent }));

  for (const valid of ['a=1', 'userId=al%C3%AFce,isProduction=false', 'a = 1 ;p; q = 2 , B=', 'k=a=b'])
    it(`takes baggage ${valid}`, () =>
      assert.deepEqual(traceContext({ baggage: valid }), { baggage: valid }));

  for (const malformed of [
    {},
    '',
    'a',
    ',a=1',
    'a=1,',
    'a=b c',
    'a="b"',
    'a=\\',
    'a b=1',
    'a=1;;',
    'a=ü',
    'a=1\n',
    Array.from({ length: 65 }, (_, n) => `k${n}=v`).join(','),
    `a=${'x'.repeat(8192)}`,
  ])
    it(`leaves baggage ${JSON.stringify(malformed).slice(0, 40)} out`, () =>
      assert.deepEqual(traceContext({ traceparent, baggage: malformed }), { traceparent }));

  it('needs no more time for what is made to need much', () => {
    const spaces = `a=1${' \t'.repeat(4000)}x`;
    const startedAt = performance.now();
    for (let round = 0; round < 100; round++)
      traceContext({ traceparent, tracestate: spaces, baggage: `${spaces};${spaces}`.slice(0, 8000) });
    assert.ok(performance.now() - startedAt < 1000);
  });
});
