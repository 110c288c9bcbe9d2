/** docs/threat-model.md names tests: they exist, and every suite against threats is named. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** The titles of suites and tests that stand in a file as they are. */
const titlesIn = (path: string): readonly string[] =>
  [...read(path).matchAll(/\b(?:describe|it)\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g)].map(
    ([, single, double]) => (single ?? double ?? '').replaceAll("\\'", "'"),
  );

describe('docs/threat-model.md', () => {
  const named = [...read('docs/threat-model.md').matchAll(/\[([^\]]+)\]\(\.\.\/(test\/[^)]+)\)/g)].map(
    ([, title = '', file = '']) => ({ title, file }),
  );

  it('names tests that exist', () => {
    assert.ok(named.length > 50);
    for (const { title, file } of named) assert.ok(titlesIn(file).includes(title), `${title} in ${file}`);
  });

  for (const name of readdirSync(new URL('test/security', root)).filter((file) => file.endsWith('.test.ts')))
    it(`names each suite of ${name}`, () => {
      const file = `test/security/${name}`;
      const suites = titlesIn(file).filter((title) => title.startsWith('security: '));
      assert.notEqual(suites.length, 0);
      for (const title of suites)
        assert.ok(
          named.some((one) => one.file === file && one.title === title),
          title,
        );
    });
});
