import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

/**
 * A page's examples stand, word for word, in the test that compiles and runs them; imports and `export` apart.
 *
 * @param count how many examples the page has
 */
export const saysWhatRuns = (page: string, count: number, test: URL): void => {
  const here = readFileSync(test, 'utf8');
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/```ts\n(.*?)```/gs)];
  assert.equal(blocks.length, count);
  for (const [, block = ''] of blocks) {
    const code = block
      .replaceAll(/^import .*\n/gm, '')
      .replaceAll('export ', '')
      .trim();
    assert.ok(here.includes(code), code);
  }
};
