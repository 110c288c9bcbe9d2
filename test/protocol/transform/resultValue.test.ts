import assert from 'node:assert/strict';
import { resultValue } from '../../../src/protocol/transform/resultValue.js';

const text = (said: string) => ({ type: 'text', text: said });
const image = { type: 'image', data: 'AAAA', mimeType: 'image/png' };

describe('protocol/transform/resultValue', () => {
  it('of structured content says it in both places, and in no other text', () => {
    const result = {
      content: [text('the secret'), image, text('{"a":1}')],
      structuredContent: { a: 1 },
      _meta: { v: 1 },
    };
    const said = resultValue(result);
    assert.deepEqual(said?.value, { a: 1 });
    assert.deepEqual(said.saying({ b: 2 }), {
      content: [text('{"b":2}'), image],
      structuredContent: { b: 2 },
      _meta: { v: 1 },
    });
    for (const value of [null, 1, 'text', [1]]) assert.equal(said.saying(value), undefined);
  });

  const texts: [readonly object[], unknown, unknown, string][] = [
    [[text('{"a":1}')], { a: 1 }, { b: 2 }, '{"b":2}'],
    [[text('[1]')], [1], 7, '7'],
    [[text('plain')], 'plain', 'other', 'other'],
    [[text('one'), text('two')], 'one\ntwo', null, 'null'],
    [[text('null')], null, '', ''],
  ];
  for (const [content, value, next, written] of texts)
    it(`of ${JSON.stringify(content)}`, () => {
      const said = resultValue({ content: [image, ...content] });
      assert.deepEqual(said?.value, value);
      assert.deepEqual(said?.saying(next), { content: [text(written), image] });
    });

  it('of JSON that is nested without end is a text', () => {
    const deep = '['.repeat(100_000);
    assert.equal(resultValue({ content: [text(deep)] })?.value, deep);
  });

  it('of a result that says nothing is nothing', () => {
    for (const result of [
      {},
      { content: [] },
      { content: [image] },
      { content: 'text' },
      { content: [null, 1] },
    ])
      assert.equal(resultValue(result), undefined);
  });
});
