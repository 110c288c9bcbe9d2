import assert from 'node:assert/strict';
import { uriTemplateTest } from '../../src/protocol/uriTemplate.js';

describe('protocol/uriTemplate', () => {
  const rows: [string, string, boolean][] = [
    ['file:///a', 'file:///a', true],
    ['file:///a', 'file:///ab', false],
    ['test://{id}/data', 'test://123/data', true],
    ['test://{id}/data', 'test:///data', false],
    ['test://{id}/data', 'test://1/2/data', false],
    ['test://{id}', 'test://a?b', false],
    ['test://{id}', 'test://a%2Fb', true],
    ['{x}', 'anything', true],
    ['{x}', '', false],
    ['file:///{+path}', 'file:///a/b/c?d#e', true],
    ['file:///{+path}', 'file:///', false],
    ['page{#part}', 'page#top', true],
    ['a{/more}', 'a', true],
    ['a{/more*}', 'a/b/c', true],
    ['a{?q,r}', 'a?q=1&r=2', true],
    ['a{?q}', 'a', true],
    ['a{?q}b', 'ab', true],
    ['{a}{b}', 'x', false],
    ['{a}{b}', 'xy', true],
    ['{a}-{b}', 'x-y-z', true],
    ['a.c', 'abc', false],
    ['unclosed{x', 'unclosed{x', true],
    ['', '', true],
  ];
  for (const [template, uri, expected] of rows)
    it(`${template || '(empty)'} ${expected ? 'has' : 'has not'} ${uri || '(empty)'}`, () =>
      assert.equal(uriTemplateTest(template)(uri), expected));

  it('is linear for hostile templates and URIs', () => {
    const test = uriTemplateTest('{+a}'.repeat(500) + 'z');
    const started = performance.now();
    assert.equal(test('a'.repeat(4000)), false);
    assert.ok(performance.now() - started < 1000);
  });

  it('has nothing to do with what is longer than any URI', () => {
    assert.equal(uriTemplateTest('{+a}')('a'.repeat(5000)), false);
    assert.equal(uriTemplateTest('a'.repeat(5000))('a'.repeat(5000)), false);
  });
});
