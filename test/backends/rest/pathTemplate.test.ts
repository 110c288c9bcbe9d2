import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pathTemplate } from '../../../src/sources/backends/rest/pathTemplate.js';

describe('pathTemplate', () => {
  /** Texts out of which climbs are made, mixed with any others. */
  const piece = fc.oneof(
    fc.constantFrom(
      '.',
      '..',
      '/',
      '\\',
      '%',
      '%2e',
      '%2E',
      '%2f',
      '%252e',
      '%5c',
      ';',
      '?',
      '#',
      '//',
      '\0',
      ' ',
    ),
    fc.string({ unit: 'binary', maxLength: 4 }),
  );
  const value = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));

  /** Every way a server may read a segment: as it is, and decoded again and again. */
  const readings = (segment: string): string[] => {
    const all = [segment];
    for (let text = segment; ;) {
      const next = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
        String.fromCharCode(parseInt(hex, 16)),
      );
      if (next === text) return all;
      all.push((text = next));
    }
  };

  it('never lets a value leave its segment', () => {
    const template = pathTemplate('/root', '/a/{x}/b/{y}.json');
    fc.assert(
      fc.property(value, value, (x, y) => {
        const filled = template.fill({ x, y });
        if ('refused' in filled) return;
        const segments = filled.path.split('/');
        assert.equal(segments.length, 6);
        assert.deepEqual([segments[1], segments[2], segments[4]], ['root', 'a', 'b']);
        assert.equal(new URL(filled.path, 'http://h').pathname, filled.path, 'a URL parser resolves nothing');
        for (const segment of [segments[3] ?? '', segments[5] ?? ''])
          for (const text of readings(segment))
            assert.ok(!text.split(/[/\\]/).some((step) => /^\.\.?(;|$)/.test(step)), text);
        assert.equal(decodeURIComponent(segments[3] ?? ''), x);
        assert.equal(decodeURIComponent(segments[5] ?? ''), `${y}.json`);
      }),
      { numRuns: 3000 },
    );
  });

  it('lets ordinary values through', () => {
    const template = pathTemplate('', '/{x}');
    for (const x of ['a.b', '...', '.hidden', 'v1..v2', 'a b', 'ü', '50%', 'a@b.c', '2026-01-01T00:00:00Z'])
      assert.deepEqual(template.fill({ x }), { path: `/${encodeURIComponent(x)}` });
    assert.deepEqual(template.fill({ x: ['a', 1] }), { path: '/a,1' });
    assert.deepEqual(template.fill({ x: false }), { path: '/false' });
  });

  it('refuses a template that can not work', () => {
    for (const broken of ['/a/{x', '/a/x}', '/{}', '/a b'])
      assert.throws(() => pathTemplate('', broken), TypeError);
  });
});
