import assert from 'node:assert/strict';
import { searchTerms } from '../../../src/protocol/search/searchTerms.js';

describe('protocol/search/searchTerms', () => {
  const texts: [string, readonly string[]][] = [
    ['orders_getById v2', ['orders', 'get', 'by', 'id', 'v2']],
    ['Über-Café ﬁnd', ['uber', 'cafe', 'find']],
    ['ｏｒｄｅｒ', ['order']],
    ['or\u200bd\u00ader\u202e', ['order']],
    ['天気予報', ['天気', '気予', '予報']],
    ['поиск заказов', ['поиск', 'заказов']],
    ['!!! \u0000\uFFFF \ud800', []],
    ['', []],
  ];
  for (const [text, terms] of texts)
    it(JSON.stringify(text), () => assert.deepEqual(searchTerms(text, 100), terms));

  it('are bounded in number and length, whatever the text', () => {
    const terms = searchTerms(`${'x'.repeat(3000)} ${'a '.repeat(1_000_000)}`, 24);
    assert.equal(terms.length, 24);
    assert.ok(terms.every(({ length }) => length <= 40));
  });
});
