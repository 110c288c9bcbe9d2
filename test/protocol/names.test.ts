import assert from 'node:assert/strict';
import fc from 'fast-check';
import { distinctName, exposedName, maxNameLength } from '../../src/protocol/names.js';

describe('protocol/names', () => {
  const long = 'x'.repeat(80);
  const rows: [string, [string, string, string], string | RegExp][] = [
    ['prefix, separator, name', ['orders', '_', 'get'], 'orders_get'],
    ['no prefix, no separator', ['', '_', 'get'], 'get'],
    ['a separator of its own', ['orders', '--', 'get'], 'orders--get'],
    ['a dot and a slash', ['a', '_', 'b.c/d'], 'a_b_c_d'],
    ['characters of other scripts', ['', '_', 'größe'], 'gr__e'],
    ['exactly 60', ['', '_', 'y'.repeat(60)], 'y'.repeat(60)],
    ['61 are cut and hashed', ['', '_', 'y'.repeat(61)], /^y{51}_[0-9a-f]{8}$/],
    ['a long one', ['orders', '_', long], /^orders_x{44}_[0-9a-f]{8}$/],
    ['nothing', ['', '_', ''], /^_[0-9a-f]{8}$/],
  ];
  for (const [name, args, expected] of rows)
    it(name, () => {
      const exposed = exposedName(...args);
      if (typeof expected === 'string') assert.equal(exposed, expected);
      else assert.match(exposed, expected);
    });

  it('the hash is the same on every machine and every day', () =>
    assert.equal(
      exposedName('orders', '_', long),
      'orders_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_9bdf0f6b',
    ));

  it('long names that differ at the end only stay apart', () =>
    assert.notEqual(exposedName('a', '_', `${long}1`), exposedName('a', '_', `${long}2`)));

  it('distinctName tells servers and names apart', () => {
    const all = [distinctName('p_x', 'a', 'x'), distinctName('p_x', 'b', 'x'), distinctName('p_x', 'a', 'y')];
    assert.equal(new Set(all).size, 3);
    for (const name of all) assert.match(name, /^p_x_[0-9a-f]{8}$/);
  });

  it('always fits what vendors accept', () =>
    fc.assert(
      fc.property(
        fc.string(),
        fc.string({ maxLength: 3 }),
        fc.string({ maxLength: 200 }),
        (prefix, separator, name) => {
          const exposed = exposedName(prefix, separator, name);
          assert.match(exposed, /^[A-Za-z0-9_-]+$/);
          assert.ok(exposed.length <= maxNameLength);
        },
      ),
    ));
});
