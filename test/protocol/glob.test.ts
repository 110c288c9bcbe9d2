import assert from 'node:assert/strict';
import fc from 'fast-check';
import { anyOf } from '../../src/protocol/glob.js';

describe('protocol/glob', () => {
  const rows: [string, string, boolean][] = [
    ['get', 'get', true],
    ['get', 'gets', false],
    ['get', 'GET', false],
    ['*', '', true],
    ['*', 'anything', true],
    ['', '', true],
    ['', 'x', false],
    ['get_*', 'get_order', true],
    ['get_*', 'get_', true],
    ['get_*', 'get', false],
    ['*_get', 'orders_get', true],
    ['*_get', 'orders_get_', false],
    ['a*b*c', 'aXbXbXc', true],
    ['a*b*c', 'aXcXb', false],
    ['?et', 'get', true],
    ['?et', 'et', false],
    ['g??', 'get', true],
    ['**', 'x', true],
    ['*?', '', false],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['a+', 'aa', false],
    ['\\*', '\\x', true],
  ];
  for (const [pattern, name, expected] of rows)
    it(`${JSON.stringify(pattern)} ${expected ? 'matches' : 'does not match'} ${JSON.stringify(name)}`, () =>
      assert.equal(anyOf([pattern])(name), expected));

  it('none of no patterns, any of several', () => {
    assert.equal(anyOf([])('x'), false);
    assert.equal(anyOf(['a', 'x'])('x'), true);
  });

  it('agrees with a regular expression', () =>
    fc.assert(
      fc.property(fc.stringMatching(/^[ab*?]{0,8}$/), fc.stringMatching(/^[ab]{0,10}$/), (pattern, name) => {
        const regex = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        assert.equal(anyOf([pattern])(name), regex.test(name));
      }),
      { numRuns: 1000 },
    ));

  it('takes no longer for a hostile pattern than the product of the lengths', () => {
    const test = anyOf(['*a'.repeat(500) + 'b']);
    const started = performance.now();
    assert.equal(test('a'.repeat(4000)), false);
    assert.ok(performance.now() - started < 1000);
  });
});
